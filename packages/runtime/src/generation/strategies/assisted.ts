/** @file Assisted decoding: guesses are read at once, and those are kept that the model itself would have chosen. */
import { argmax, rowOf, softmax } from '../numeric'
import type { GenerationOutput } from '../output'
import type { Run } from '../run'
import { draw, type Random } from '../sampling'
import { extended } from '../sequences'
import type { CandidateGenerator, Candidates } from './candidates'

/** What the model makes of guesses: the same tokens as without them, or draws of the same distribution. Like
 * `_assisted_decoding`, but for an end inside of guesses: nothing is kept after it. */
export async function assisted(run: Run, generator: CandidateGenerator): Promise<GenerationOutput> {
  const { settings, recorder, vocabulary } = run
  const [random] = run.random(1)
  let sequence = run.prompts[0]!
  for (let finished = false; !finished; ) {
    run.check()
    const candidates = await generator.propose(sequence)
    const { tokens: guesses } = candidates
    const scores = await run.reader.read([extended(sequence, ...guesses)], guesses.length + 1)

    const told: number[] = []
    let matches = 0
    for (let i = 0; i <= guesses.length && !finished; i++) {
      const row = rowOf(scores, i, vocabulary)
      recorder.logits(row)
      await run.process([sequence], row)
      recorder.scores(row)
      const token = choose(row, candidates, i, settings.do_sample ? random! : undefined)
      sequence = extended(sequence, token)
      told.push(token)
      finished = (await run.finished([sequence]))[0]!
      if (token !== guesses[i]) break
      matches++
    }
    run.sequences = [sequence]
    run.tell(Int32Array.from(told))
    run.reader.crop(sequence.length - 1)
    generator.accepted(matches, guesses.length)
  }
  return recorder.output([sequence])
}

/** The model's own token at the place of a guess. */
function choose(
  scores: Float32Array,
  { tokens, scores: drawnBy }: Candidates,
  at: number,
  random: Random | undefined,
): number {
  if (!random) return argmax(scores)
  const guess = tokens[at]
  const by = drawnBy?.[at]
  return guess === undefined || !by ? draw(scores, random) : accepted(scores, by, guess, random)
}

/** A guess that was drawn by other scores, or a token in its place, so that both together are distributed as the model's are:
 * algorithm 1 of "Fast Inference from Transformers via Speculative Decoding". */
function accepted(scores: Float32Array, by: Float32Array, guess: number, random: Random): number {
  const [wanted, given] = [softmax(scores), softmax(by)]
  if (random() <= wanted[guess]! / given[guess]!) return guess
  const rest = wanted.map((probability, token) => Math.max(0, probability - given[token]!))
  // Equal but for rounding.
  if (!rest.some((probability) => probability > 0)) return guess
  return draw(rest.map(Math.log), random)
}
