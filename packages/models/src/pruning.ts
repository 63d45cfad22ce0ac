/** @file Pruning of attention heads: the configuration that comes after, and which parts of the weights it keeps. */
import type { PrunedAxis, Range } from '@webformers/graph'
import type { Json } from './configuration'
import { ConfigurationError } from './errors'
import { canonicalKey, type PrunedHeads } from './heads'
import type { ModelParameter } from './trace'

/**
 * A configuration, or its `config.json`, with these heads in `pruned_heads` beside those that already were. Like what
 * `model.prune_heads()` leaves in `model.config` in Python. Whether there are such heads, the architecture's `config()` tells.
 * @example pruneConfig({ pruned_heads: { 0: [2] } }, { 0: [1], 3: [0] }) // { pruned_heads: { 0: [1, 2], 3: [0] } }
 * @throws {ConfigurationError} when heads are no list.
 */
export function pruneConfig<C extends Json>(config: C, heads: PrunedHeads) {
  const pruned_heads: Record<string, readonly number[]> = {}
  const given = [...Object.entries((config.pruned_heads ?? {}) as PrunedHeads), ...Object.entries(heads)]
  for (const [key, more] of given) {
    if (!Array.isArray(more))
      throw new ConfigurationError(
        `Heads to prune are lists by layer, as { 0: [1, 2] }; got ${JSON.stringify(more)} for layer "${key}".`,
      )
    const layer = canonicalKey(key)
    pruned_heads[layer] = [...new Set([...(pruned_heads[layer] ?? []), ...more])].toSorted((a, b) => a - b)
  }
  return { ...config, pruned_heads }
}

/**
 * Which places of a parameter as it was make it as it is once heads were pruned; nothing where it stays the same.
 * @example
 * // heads of 8 places, the second of which is pruned
 * prunedBlocks(before, after) // [{ axis: 0, ranges: [[0, 8], [16, 32]] }]
 * @throws {ConfigurationError} when it is to have heads that it had no more.
 */
export function prunedBlocks(before: ModelParameter, after: ModelParameter): PrunedAxis[] {
  const rangesOf = ({ heads }: ModelParameter, axis: number) => heads.find((one) => one.axis === axis)?.ranges
  const axes = new Set([before, after].flatMap(({ heads }) => heads.map(({ axis }) => axis)))
  return [...axes].flatMap((axis) => {
    const had = rangesOf(before, axis) ?? [[0, before.shape[axis]!]]
    const has = rangesOf(after, axis)
    const ranges = has?.map((range) => within(had, range))
    if (!ranges?.every((range) => range !== undefined))
      throw new ConfigurationError(
        `${after.paths[0]} is to be made of places ${JSON.stringify(has ?? 'all')} along axis ${axis}, but has only ` +
          `${JSON.stringify(had)}: heads that were pruned do not come back. Load the model as it was before.`,
      )
    const same = JSON.stringify(had) === JSON.stringify(has)
    return same ? [] : [{ axis, ranges }]
  })
}

/** Where `range` lies once only the places of `ranges` are left. */
function within(ranges: readonly Range[], [start, end]: Range): Range | undefined {
  let before = 0
  for (const [from, to] of ranges) {
    if (start >= from && end <= to) return [before + start - from, before + end - from]
    before += to - from
  }
  return undefined
}

/**
 * The bytes of a tensor's places along one axis.
 * @param shape of the tensor as it is
 * @example
 * takeRanges(new Uint8Array([1, 2, 3, 4, 5, 6]), [2, 3], { axis: 1, ranges: [[0, 1], [2, 3]] }) // 1, 3, 4, 6
 */
export function takeRanges(
  bytes: Uint8Array,
  shape: readonly number[],
  { axis, ranges }: PrunedAxis,
): Uint8Array<ArrayBuffer> {
  const rows = shape.slice(0, axis).reduce((product, dim) => product * dim, 1)
  const row = bytes.length / rows
  const place = row / shape[axis]!
  const taken = new Uint8Array(ranges.reduce((sum, [start, end]) => sum + (end - start) * place, 0) * rows)
  let filled = 0
  for (let i = 0; i < rows; i++) {
    for (const [start, end] of ranges) {
      const part = bytes.subarray(i * row + start * place, i * row + end * place)
      taken.set(part, filled)
      filled += part.length
    }
  }
  return taken
}
