import { expect, test } from 'vitest'
import { ExecutionError } from '../errors'
import { generate } from './generate'
import { softmax } from './numeric'
import { draw, drawSeveral, streams } from './sampling'
import { settingsWith, ToyDecoder } from './testing'

const SCORES = Float32Array.of(1, -2, 0.5, Number.NEGATIVE_INFINITY, 3, 0, 2.5, -5)
const DRAWS = 40_000

/** Pearson's measure of how far counts are from what probabilities expect. */
const chiSquare = (counts: readonly number[], probabilities: ArrayLike<number>, draws: number) =>
  counts.reduce((sum, count, i) => {
    const expected = probabilities[i]! * draws
    return expected === 0
      ? sum + (count === 0 ? 0 : Number.POSITIVE_INFINITY)
      : sum + (count - expected) ** 2 / expected
  }, 0)

const counted = (tokens: Iterable<number>, size: number) => {
  const counts = new Array<number>(size).fill(0)
  for (const token of tokens) counts[token]!++
  return counts
}

test('tokens are drawn as often as their probabilities say', () => {
  const [random] = streams(3, 1)
  const tokens = Array.from({ length: DRAWS }, () => draw(SCORES, random!))
  // 6 degrees of freedom: above 22.5 in one of a thousand seeds.
  expect(chiSquare(counted(tokens, SCORES.length), softmax(SCORES), DRAWS)).toBeLessThan(22.5)
})

test('several tokens are drawn as one after the other would be, none twice', () => {
  const [random] = streams(4, 1)
  const probabilities = [...softmax(SCORES)]
  const size = SCORES.length
  const pairs = Array.from({ length: DRAWS }, () => drawSeveral(SCORES, 2, random!))
  expect(pairs.every(([first, second]) => first !== second)).toBe(true)
  const expected = probabilities.flatMap((first, i) =>
    probabilities.map((second, j) => (i === j ? 0 : (first * second) / (1 - first))),
  )
  const counts = counted(
    pairs.map(([first, second]) => first! * size + second!),
    size * size,
  )
  // 41 degrees of freedom: above 75 in one of a thousand seeds.
  expect(chiSquare(counts, expected, DRAWS)).toBeLessThan(75)
})

test('what can not be drawn from is said', () => {
  const [random] = streams(0, 1)
  expect(() => draw(new Float32Array(4).fill(Number.NEGATIVE_INFINITY), random!)).toThrow(ExecutionError)
  expect(() => draw(Float32Array.of(0, Number.NaN), random!)).toThrow('removeInvalidValues')
})

const prompts = [Int32Array.of(3, 4, 5), Int32Array.of(9, 8, 7)]
const sampled = async (seed: number, rows = prompts, changes = {}) => {
  const settings = settingsWith({ mode: 'sample', do_sample: true, max_length: 15, ...changes })
  const { sequences } = await generate({ decoder: new ToyDecoder() }, { settings, prompts: rows, seed })
  return sequences.map((row) => [...row])
}

test('a seed gives the same tokens again, and another seed others', async () => {
  const first = await sampled(7)
  expect(await sampled(7)).toEqual(first)
  expect(await sampled(8)).not.toEqual(first)
  const beams = { mode: 'beam_sample', num_beams: 3 }
  expect(await sampled(7, prompts, beams)).toEqual(await sampled(7, prompts, beams))
  expect(await sampled(8, prompts, beams)).not.toEqual(await sampled(7, prompts, beams))
})

test('what a row draws does not depend on the rows after it', async () => {
  const [alone] = await sampled(7, prompts.slice(0, 1))
  const [together] = await sampled(7)
  const length = Math.min(alone!.length, together!.length)
  expect(alone!.slice(0, length)).toEqual(together!.slice(0, length))
})

test('several sequences of a prompt differ', async () => {
  const sequences = await sampled(1, prompts.slice(0, 1), { num_return_sequences: 4 })
  expect(new Set(sequences.map((row) => row.join())).size).toBe(4)
})

test('with a draft model tokens are distributed as without', async () => {
  const settings = settingsWith({
    mode: 'assisted_generation',
    do_sample: true,
    max_length: 5,
    top_k: 6,
    num_assistant_tokens: 3,
    assistant_confidence_threshold: 0,
  })
  const prompt = [Int32Array.of(3, 4, 5)]
  const runs = 4000
  const firsts: number[] = []
  const seconds = new Map<number, number[]>()
  for (let seed = 0; seed < runs; seed++) {
    const decoders = { decoder: new ToyDecoder(), draft: new ToyDecoder({ noise: 0.5 }) }
    const { sequences } = await generate(decoders, { settings, prompts: prompt, seed })
    const [first, second] = sequences[0]!.subarray(3)
    firsts.push(first!)
    if (second !== undefined) seconds.set(first!, [...(seconds.get(first!) ?? []), second])
  }
  const truth = async (tokens: Int32Array) => {
    const scores = await new ToyDecoder().read([tokens])
    const border = scores.toSorted().at(-6)!
    return softmax(scores.map((score) => (score < border ? Number.NEGATIVE_INFINITY : score)))
  }
  // 5 degrees of freedom: above 20.5 in one of a thousand seeds.
  expect(chiSquare(counted(firsts, 48), await truth(prompt[0]!), runs)).toBeLessThan(20.5)
  const [first, followers] = [...seconds].sort(([, a], [, b]) => b.length - a.length)[0]!
  const then = await truth(Int32Array.of(...prompt[0]!, first))
  expect(chiSquare(counted(followers, 48), then, followers.length)).toBeLessThan(20.5)
})
