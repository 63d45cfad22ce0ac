/** @file Everything the worker must know of a model that generates: its programs, and what goes from one run to the next. */
import type { Program } from './program'
import type { Shape } from './shape'

/** Programs over the same weights. */
export interface DecodingProgram {
  /** What is computed once of a prompt: its outputs are inputs of `decode` under the same names, or are given to who asked. */
  readonly encode?: Program
  /** Goes on from a cache; of its outputs, those that are no part of the cache are given to who asked, `logits` first. */
  readonly decode: Program
  readonly cache: readonly CacheEntry[]
  /** The input that holds the new tokens [batch, sequence], and the mask over all of them [batch, total]. */
  readonly ids: string
  readonly mask: string
  /** Whether `decode` takes up to `steps` steps, each but the first with the likeliest token, until one of `ends` comes. Where it
   * chooses at all, it gives `tokens`, the likeliest ones of each step, [steps, batch, 1], of scores with
   * `token_bias` added, where it takes that. */
  readonly loops: boolean
  /** The windows of layers that need to remember no more than what they see, by the masks over it, [batch, keys]. */
  readonly windows: Readonly<Record<string, number>>
}

/** Keys or values that one attention looks at. */
export interface CacheEntry {
  /** The input that holds them. */
  readonly past: string
  /** [batch, heads, keys, size], of keys that stay [batch, heads, size, keys]; names are run-time dimensions. */
  readonly shape: Shape
  /** How many keys are seen at a time, the new one among them, where those before may be forgotten. */
  readonly window?: number
  /** The output that takes its place in the next run, or that of `recent`; where there is none it stays. */
  readonly present?: string
  /** The input that holds the last ones, where a run adds to these only: its keys come after those of `past`. */
  readonly recent?: string
}
