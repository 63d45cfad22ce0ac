/** @file Tokens that stand for times come in pairs and in order. */
import { max } from '../numeric'
import { type LogitsProcessor, NEVER, perRow } from '../processors/processor'
import type { TimestampRules } from './request'

/** Like `WhisperTimeStampLogitsProcessor`.
 * @param begin how many tokens the prompts have */
export const timestamps = (
  { no_timestamps_token_id, eos_token_id, max_initial_timestamp_index }: TimestampRules,
  begin: number,
): LogitsProcessor => {
  const first = no_timestamps_token_id + 1
  const isTime = (token: number | undefined) => token !== undefined && token >= first
  return perRow((scores, sequence) => {
    scores[no_timestamps_token_id] = NEVER
    const made = sequence.subarray(begin)
    const ended = isTime(made.at(-1))
    const opened = made.length < 2 || isTime(made.at(-2))
    if (ended && opened) scores.fill(NEVER, first)
    else if (ended) scores.fill(NEVER, 0, eos_token_id)
    const last = made.findLast(isTime)
    // A time that ends one text may begin the next.
    if (last !== undefined) scores.fill(NEVER, first, ended && !opened ? last : last + 1)
    if (made.length === 0) {
      scores.fill(NEVER, 0, first)
      if (max_initial_timestamp_index !== undefined)
        scores.fill(NEVER, first + max_initial_timestamp_index + 1)
    }
    if (logSumExp(scores.subarray(first)) > max(scores.subarray(0, first))) scores.fill(NEVER, 0, first)
  })
}

function logSumExp(scores: Float32Array): number {
  const largest = max(scores)
  if (largest === Number.NEGATIVE_INFINITY) return largest
  let sum = 0
  for (const score of scores) sum += Math.exp(score - largest)
  return largest + Math.log(sum)
}
