/** @file Axes of weights that are rows of attention heads, of which some may have been pruned. */

/** Attention heads in a row, as an axis of a weight holds them. */
export interface HeadAxis {
  /** How many there are before any is pruned. */
  readonly total: number
  /** How many entries of the axis one head takes. */
  readonly size: number
  /** The heads that are left, by their places before any was pruned, in ascending order. */
  readonly kept: readonly number[]
}

/** The size of an axis: a number, heads, or several rows of heads one after another, as where one layer makes queries, keys
 * and values. */
export type AxisSize = number | HeadAxis | readonly HeadAxis[]

/** Places of an axis from `start` up to `end`, without it. */
export type Range = readonly [start: number, end: number]

/** An axis of a weight that lacks heads. */
export interface PrunedAxis {
  readonly axis: number
  /** Which places of the axis before any head was pruned are left, in ascending order. */
  readonly ranges: readonly Range[]
}

const rowsOf = (size: HeadAxis | readonly HeadAxis[]) => [size].flat() as readonly HeadAxis[]

/** How many places of an axis there are. */
export const lengthOf = (size: AxisSize): number =>
  typeof size === 'number' ? size : rowsOf(size).reduce((sum, row) => sum + row.kept.length * row.size, 0)

/** Which places are left; neighbours are one range. */
function rangesOf(rows: readonly HeadAxis[]): Range[] {
  const ranges: [start: number, end: number][] = []
  let before = 0
  for (const { total, size, kept } of rows) {
    for (const head of kept) {
      const start = before + head * size
      const last = ranges.at(-1)
      if (last?.[1] === start) last[1] += size
      else ranges.push([start, start + size])
    }
    before += total * size
  }
  return ranges
}

const PREFIX = 'kept.'

/** What the node of a parameter keeps of its axes: `kept.0: [0, 4, 8, 16]` where heads of axis 0 were pruned. */
export function keptAttributes(sizes: readonly AxisSize[]): Record<string, readonly number[]> {
  const kept = sizes.flatMap((size, axis): [string, number[]][] => {
    if (typeof size === 'number') return []
    const rows = rowsOf(size)
    return rows.every((row) => row.kept.length === row.total) ? [] : [[PREFIX + axis, rangesOf(rows).flat()]]
  })
  return Object.fromEntries(kept)
}

/** The axes of a parameter that lack heads.
 * @example
 * const heads = { total: 4, size: 8, kept: [0, 2, 3] }
 * prunedAxes(parameter(heads, 32)) // [{ axis: 0, ranges: [[0, 8], [16, 32]] }]
 */
export const prunedAxes = ({ node }: { readonly node: { readonly attributes: object } }): PrunedAxis[] =>
  Object.entries(node.attributes).flatMap(([key, value]) => {
    if (!key.startsWith(PREFIX)) return []
    const places = value as readonly number[]
    const ranges = Array.from(
      { length: places.length / 2 },
      (_, i): Range => [places[2 * i]!, places[2 * i + 1]!],
    )
    return [{ axis: Number(key.slice(PREFIX.length)), ranges }]
  })
