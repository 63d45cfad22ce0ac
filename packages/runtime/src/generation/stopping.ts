/** @file When a sequence is finished. */
import { InputError } from '../errors'
import { compact } from './sequences'
import type { GenerationSettings } from './settings'
import { stopStrings, type TokenTexts } from './stop-strings'

/** Which sequences are finished after their last token. */
export type StoppingCriterion = (
  sequences: readonly Int32Array[],
) => readonly boolean[] | Promise<readonly boolean[]>

/** A criterion of the page: one answer for all sequences, or one for each. */
export type StoppingHook = (
  sequences: readonly Int32Array[],
) => boolean | readonly boolean[] | Promise<boolean | readonly boolean[]>

const each =
  (finished: (sequence: Int32Array) => boolean): StoppingCriterion =>
  (sequences) =>
    sequences.map(finished)

/** Like `MaxLengthCriteria`. */
export const maxLength = (length: number): StoppingCriterion => each((sequence) => sequence.length >= length)

/** Like `MaxTimeCriteria`; it counts from now. */
export function maxTime(seconds: number, now = () => performance.now()): StoppingCriterion {
  const start = now()
  return each(() => now() - start > seconds * 1000)
}

/** Like `EosTokenCriteria`. */
export const endTokens = (eos: readonly number[]): StoppingCriterion =>
  each((sequence) => eos.includes(sequence.at(-1)!))

/** Like `StopStringCriteria`. @throws {InputError} */
export const endTexts = (stops: readonly string[], tokens: TokenTexts): StoppingCriterion =>
  each(stopStrings(stops, tokens))

const custom =
  (hook: StoppingHook): StoppingCriterion =>
  async (sequences) => {
    const finished = await hook(compact(sequences))
    if (typeof finished === 'boolean') return sequences.map(() => finished)
    if (finished?.length !== sequences.length) {
      throw new InputError(
        `stoppingCriteria gave ${finished?.length ?? 'no'} answers for ${sequences.length} sequences. Expected one for all, or one for each.`,
      )
    }
    return finished
  }

/** All criteria of a generation, as one; a sequence is finished when any of them says so. Like `StoppingCriteriaList`.
 * @throws {InputError} */
export function stoppingCriteria(
  settings: GenerationSettings,
  tokens?: TokenTexts,
  hook?: StoppingHook,
): StoppingCriterion {
  const { max_length, max_time, stop_strings, eos_token_id } = settings
  const criteria = [
    maxLength(max_length),
    ...(max_time === undefined ? [] : [maxTime(max_time)]),
    ...(stop_strings.length > 0 && tokens ? [endTexts(stop_strings, tokens)] : []),
    ...(eos_token_id.length > 0 ? [endTokens(eos_token_id)] : []),
    ...(hook ? [custom(hook)] : []),
  ]
  return async (sequences) => {
    const finished = sequences.map(() => false)
    for (const criterion of criteria)
      for (const [row, done] of (await criterion(sequences)).entries()) if (done) finished[row] = true
    return finished
  }
}
