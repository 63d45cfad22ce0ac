/** @file What keeps groups of beams apart. */
import type { LogitsProcessor } from './processor'

/** A token scores less for each beam of an earlier group that took it at the same step. Like `HammingDiversityLogitsProcessor`. */
export class HammingDiversity implements LogitsProcessor {
  /** For each prompt, what the beams of earlier groups took. */
  taken: readonly (readonly number[])[] = []

  constructor(readonly penalty: number) {}

  /** Of the beams of one group for all prompts. */
  process(rows: readonly Int32Array[], scores: Float32Array) {
    const vocabulary = scores.length / rows.length
    for (let row = 0; row < rows.length; row++) {
      const times = new Map<number, number>()
      for (const token of this.taken[Math.floor((row * this.taken.length) / rows.length)] ?? [])
        times.set(token, (times.get(token) ?? 0) + 1)
      for (const [token, count] of times) {
        const at = row * vocabulary + token
        scores[at] = scores[at]! - Math.fround(Math.fround(this.penalty) * count)
      }
    }
  }
}
