/** @file Classifier-free guidance: away from what the model would say without the prompt. */
import type { Decoder } from '../model'
import { logSoftmax, rowsOf } from '../numeric'
import { Reader } from '../reader'
import type { LogitsProcessor } from './processor'

/**
 * What the prompt makes likelier counts `scale` times. Like `UnbatchedClassifierFreeGuidanceLogitsProcessor`; where beams
 * change places, what was read without the prompt changes with them, which Python forgets.
 * @param unconditional another decoder of the same model
 * @param negative what stands for the prompt in it, a row for each sequence; the prompt's last token where there is none
 * @param promptLength how much of a sequence is prompt
 */
export function guidance(
  scale: number,
  unconditional: Decoder,
  negative: readonly Int32Array[] | undefined,
  promptLength: number,
): LogitsProcessor {
  const reader = new Reader(unconditional)
  const factor = Math.fround(scale)
  return {
    async process(rows, scores) {
      const without = rows.map((row, i) => {
        const start =
          negative?.[Math.floor((i * negative.length) / rows.length)] ??
          row.subarray(promptLength - 1, promptLength)
        return Int32Array.of(...start, ...row.subarray(promptLength))
      })
      const others = await reader.read(without)
      for (const row of rowsOf(scores, rows.length)) logSoftmax(row)
      for (const row of rowsOf(others, rows.length)) logSoftmax(row)
      for (let i = 0; i < scores.length; i++) {
        const other = others[i]!
        scores[i] = Math.fround(factor * Math.fround(scores[i]! - other)) + other
      }
    },
    reorder: (rows) => reader.reorder(rows),
  }
}
