/** @file Guesses of what comes next, which a model checks at once: of a smaller model, or of what the text has said before. */
import type { Decoder } from '../model'
import { argmax, softmax } from '../numeric'
import { Reader } from '../reader'
import type { Run } from '../run'
import { draw } from '../sampling'
import { extended } from '../sequences'

export interface Candidates {
  readonly tokens: readonly number[]
  /** What each was drawn by, where it was drawn. */
  readonly scores?: readonly Float32Array[]
}

export interface CandidateGenerator {
  propose(sequence: Int32Array): Promise<Candidates>
  /** How many of the proposed tokens the model took. */
  accepted(matches: number, proposed: number): void
}

const NONE: Candidates = { tokens: [] }

/** What a smaller model says. Like `AssistedCandidateGenerator`, which with scikit-learn also moves its confidence threshold. */
export function draftCandidates(run: Run, draft: Decoder): CandidateGenerator {
  const { settings } = run
  const { eos_token_id, assistant_confidence_threshold: threshold, num_assistant_tokens_schedule } = settings
  const reader = new Reader(draft)
  const [random] = run.random(2).slice(1)
  let count = settings.num_assistant_tokens
  let known = 0

  return {
    async propose(sequence) {
      reader.crop(known)
      const most = Math.min(Math.trunc(count), settings.max_length - sequence.length - 1)
      const tokens: number[] = []
      const drawnBy: Float32Array[] = []
      let longer = sequence
      while (tokens.length < most) {
        run.check()
        const scores = await reader.read([longer])
        await run.process([longer], scores)
        const token = settings.do_sample ? draw(scores, random!) : argmax(scores)
        tokens.push(token)
        drawnBy.push(scores.slice())
        longer = extended(longer, token)
        if (eos_token_id.includes(token) || softmax(scores)[token]! < threshold) break
      }
      known = sequence.length
      return { tokens, scores: drawnBy }
    },
    accepted(matches, proposed) {
      known += matches
      if (num_assistant_tokens_schedule === 'constant') return
      count = matches === proposed ? count + 2 : Math.max(1, count - 1)
    },
  }
}

/** What followed where the last tokens stood before. Like `PromptLookupCandidateGenerator`. */
export function promptLookup(run: Run, most: number): CandidateGenerator {
  const { settings, vocabulary } = run

  /** The first of the tokens that no processor forbids. */
  async function allowed(sequence: Int32Array, tokens: readonly number[]): Promise<readonly number[]> {
    for (const [i, token] of tokens.entries()) {
      const scores = new Float32Array(vocabulary).fill(1)
      await run.process([extended(sequence, ...tokens.slice(0, i))], scores)
      if (!(scores[token]! > -3.4e38)) return tokens.slice(0, i)
    }
    return tokens
  }

  return {
    async propose(sequence) {
      if (settings.max_length === sequence.length + 1) return NONE
      for (let size = Math.min(settings.max_matching_ngram_size, sequence.length - 1); size > 0; size--) {
        for (const start of places(sequence, size)) {
          const end = Math.min(start + most, sequence.length, settings.max_length)
          const tokens = await allowed(sequence, Array.from(sequence.subarray(start, end)))
          if (tokens.length === 0) continue
          const stop = tokens.findIndex((token) => settings.eos_token_id.includes(token))
          return { tokens: stop < 0 ? tokens : tokens.slice(0, stop) }
        }
      }
      return NONE
    },
    accepted() {},
  }
}

/** Where the last `size` tokens stand before, each place after them. */
function* places(sequence: Int32Array, size: number): Iterable<number> {
  const last = sequence.length - size
  for (let at = 0; at < last; at++) {
    let same = 0
    while (same < size && sequence[at + same] === sequence[last + same]) same++
    if (same === size) yield at + size
  }
}
