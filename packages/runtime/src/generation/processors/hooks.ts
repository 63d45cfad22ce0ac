/** @file Processors that ask functions of the page. Each asks once a step, for all rows: an answer has to cross from another thread. */
import { InputError } from '../../errors'
import { rowsOf } from '../numeric'
import { compact } from '../sequences'
import { type LogitsProcessor, NEVER } from './processor'

/** The tokens that may follow each sequence. @param batches which prompt each sequence goes on from */
export type AllowedTokens = (
  batches: readonly number[],
  sequences: readonly Int32Array[],
) => readonly ArrayLike<number>[] | Promise<readonly ArrayLike<number>[]>

/** Scores in the place of others. */
export type ScoresHook = (
  sequences: readonly Int32Array[],
  scores: Float32Array,
) => Float32Array | Promise<Float32Array>

/** Only what a function allows. Like `PrefixConstrainedLogitsProcessor`.
 * @throws {InputError} when it allows nothing */
export const allowedTokens = (allowed: AllowedTokens, prompts: number): LogitsProcessor => ({
  async process(rows, scores) {
    const batches = rows.map((_, row) => Math.floor((row * prompts) / rows.length))
    const answers = await allowed(batches, compact(rows))
    for (const [row, values] of rowsOf(scores, rows.length).entries()) {
      const tokens = Array.from(answers[row] ?? [])
      if (tokens.length === 0) {
        throw new InputError(
          `prefixAllowedTokensFn allowed no token after [${rows[row]!.join(', ')}] of prompt ${batches[row]}. Expected at least one.`,
        )
      }
      const kept = tokens.map((token) => values[token]!)
      values.fill(NEVER)
      for (const [i, token] of tokens.entries()) values[token] = kept[i]!
    }
  },
})

/** What a function of the page makes of the scores.
 * @throws {InputError} when it gives others than asked for */
export const custom = (hook: ScoresHook): LogitsProcessor => ({
  async process(rows, scores) {
    const changed = await hook(compact(rows), scores.slice())
    if (changed?.length !== scores.length) {
      throw new InputError(
        `A logitsProcessor gave ${changed?.length ?? 'no'} scores, expected the ${scores.length} it was given, changed.`,
      )
    }
    scores.set(changed)
  },
})
