/** @file Whole words as tokens, the most frequent first. */
import type { Steps } from '@webformers/hub'
import { compareCodePoints } from './code-points'
import type { TrainerOptions, WordCounts } from './options'
import { below, sorted } from './sort'

const STEP = 4096

/** @param specialTokens come first, and count. */
export function* trainWordLevel(
  counts: WordCounts,
  vocabSize: number,
  specialTokens: readonly string[],
  { minFrequency = 0 }: TrainerOptions,
): Steps<ReadonlyMap<string, number>> {
  const words: [string, number][] = []
  for (const entry of counts) {
    if (entry[1] >= minFrequency) words.push(entry)
    if (words.length % STEP === 0) yield
  }
  const order = yield* sorted(below(words.length), (a, b) => {
    const [word, count] = words[a]!
    const [other, otherCount] = words[b]!
    return otherCount - count || compareCodePoints(word, other)
  })
  const tokens = [...specialTokens.slice(0, vocabSize)]
  for (const index of order.subarray(0, Math.max(0, vocabSize - tokens.length))) tokens.push(words[index]![0])
  // A word that is a special token as well has the later id; the earlier one stays empty.
  return new Map(tokens.map((token, id) => [token, id]))
}
