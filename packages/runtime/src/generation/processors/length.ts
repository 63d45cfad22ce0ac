/** @file Processors that have to do with how long a sequence may or must become. */
import { forbid, type LogitsProcessor, NEVER, perRow } from './processor'

/** No end before a sequence has `length` tokens. Like `MinLengthLogitsProcessor` and, with the prompt's length added,
 * `MinNewTokensLengthLogitsProcessor`. */
export const minLength = (length: number, eos: readonly number[]): LogitsProcessor =>
  perRow((scores, { length: now }) => {
    if (now < length) forbid(scores, eos)
  })

/** Only these tokens, all alike, when a sequence has `length` tokens. Like `ForcedBOSTokenLogitsProcessor` and
 * `ForcedEOSTokenLogitsProcessor`. */
export const forced = (length: number, tokens: readonly number[]): LogitsProcessor =>
  perRow((scores, { length: now }) => {
    if (now !== length) return
    scores.fill(NEVER)
    for (const token of tokens) scores[token] = 0
  })

/** Never these tokens. Like `SuppressTokensLogitsProcessor`. */
export const suppress = (tokens: readonly number[]): LogitsProcessor => forbidding(() => tokens)

/** None of these tokens when a sequence has `length` tokens. Like `SuppressTokensAtBeginLogitsProcessor`. */
export const suppressAt = (length: number, tokens: readonly number[]): LogitsProcessor =>
  forbidding((now) => (now === length ? tokens : []))

const forbidding = (forbidden: (length: number) => readonly number[]): LogitsProcessor => ({
  ...perRow((scores, { length }) => forbid(scores, forbidden(length))),
  forbidden,
})

/** The end becomes likelier with each token after `start`. Like `ExponentialDecayLengthPenalty`. */
export const decayingLength = (start: number, factor: number, eos: readonly number[]): LogitsProcessor =>
  perRow((scores, { length: now }) => {
    if (now <= start) return
    const growth = Math.fround(factor ** (now - start) - 1)
    for (const token of new Set(eos)) {
      const score = scores[token]!
      scores[token] = score + Math.fround(Math.abs(score) * growth)
    }
  })
