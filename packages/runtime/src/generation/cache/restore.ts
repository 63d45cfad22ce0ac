/** @file A saved cache, for a model that would have read the same. */
import type { DecodingProgram } from '@webformers/graph'
import { CacheError } from '../../errors'
import type { PlainTensor, PlainTensors } from '../../tensor'
import type { Prompt, SessionDecoder } from '../decoder'
import type { Cache } from './cache'
import { growing, openCache } from './open-cache'
import type { Text } from './prefix'
import { restoredCache } from './saved-cache'

/** So many tokens are read again, to see whether a file is of a model. */
const PROBED = 8
/** How far keys and values may be from those of the file, to their size: another kernel sums in another order. */
const CLOSE = 1e-3

/**
 * What a file holds. Its first tokens are read again: weights, adapters or numbers that are others give other keys and values.
 * @param begin makes a decoder that has read nothing
 * @throws {CacheError} when another model has read it
 */
export async function restore(
  saved: Blob,
  { program, gpu }: { readonly program: DecodingProgram; readonly gpu: GPUDevice | undefined },
  begin: (keep: Prompt['keep']) => Promise<SessionDecoder>,
): Promise<{ cache: Cache; texts: readonly Text[] }> {
  const entries = growing(program.cache)
  const restored = await restoredCache(saved, entries)
  const { texts, past, beginnings, length } = restored
  const padding = Math.max(...texts.map(({ keep }) => Array.from(keep).indexOf(1)))
  const count = Math.min(padding + PROBED, texts[0]!.tokens.length)
  const first = texts.map(({ tokens, keep }) => ({
    tokens: Int32Array.from(tokens).subarray(0, count),
    keep: Uint8Array.from(keep).subarray(0, count),
  }))
  const decoder = await begin(first.map(({ keep }) => keep))
  try {
    await decoder.read(first.map(({ tokens }) => tokens))
    const whole = Object.entries(past).filter(([, tensor]) => tensor.shape[2] === length)
    const found = await decoder.cache.tensors()
    expectSame(found.past, { ...beginnings, ...Object.fromEntries(whole) }, first)
  } finally {
    decoder.release()
  }
  return { cache: openCache(program, { batch: texts.length, encoded: {}, gpu, filled: restored }), texts }
}

/** @throws {CacheError} when keys or values of first tokens are others than those of a file */
function expectSame(found: PlainTensors, saved: PlainTensors, texts: readonly Text[]) {
  for (const [name, tensor] of Object.entries(found)) {
    const difference = apart(tensor, saved[name]!, texts)
    if (!(difference < CLOSE))
      throw new CacheError(
        `The saved cache is another model's: ${name} of its first tokens differs by ${difference.toPrecision(2)} of its size from what this model, with its weights, adapters and dtype, makes of them. Give the prompt without it.`,
      )
  }
}

/** How far the first keys of [batch, heads, keys, size] are apart, to their size; padding does not count. */
function apart(found: PlainTensor, saved: PlainTensor, texts: readonly Text[]): number {
  const [, heads, count, size] = found.shape as [number, number, number, number]
  const length = saved.shape[2]!
  const [ours, theirs] = [found.data as Float32Array, saved.data as Float32Array]
  let [difference, whole] = [0, 0]
  for (const [row, { keep }] of texts.entries())
    for (let head = row * heads; head < (row + 1) * heads; head++)
      for (let at = 0; at < count; at++) {
        if (keep[at] === 0) continue
        for (let i = 0; i < size; i++) {
          const expected = theirs[(head * length + at) * size + i]!
          difference += (ours[(head * count + at) * size + i]! - expected) ** 2
          whole += expected ** 2
        }
      }
  return Math.sqrt(difference / whole)
}
