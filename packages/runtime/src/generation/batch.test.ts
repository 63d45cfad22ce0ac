import { expect, test } from 'vitest'
import { Batches, BatchMember, type Begin } from './batch'
import type { SessionDecoder } from './decoder'
import { generate } from './generate'
import { argmax, rowsOf } from './numeric'
import type { GenerationSettings } from './settings'
import { EOS, PAD, settingsWith, ToyDecoder } from './testing'

/** A token that no row may have. */
const BAD = 99

class Toy extends ToyDecoder {
  length = 0
  released = 0

  override async read(tokens: readonly Int32Array[], keep?: number) {
    if (tokens.some((row) => row.includes(BAD))) throw new RangeError('bad token')
    this.length += tokens[0]!.length
    return super.read(tokens, keep)
  }
  follow = async (tokens: readonly Int32Array[], most: number, ends: readonly number[]) => {
    const steps: Int32Array[] = []
    let next = tokens
    while (steps.length < most && !steps.at(-1)?.some((token) => ends.includes(token))) {
      const step = Int32Array.from(rowsOf(await this.read(next), tokens.length), argmax)
      steps.push(step)
      next = Array.from(step, (token) => Int32Array.of(token))
    }
    return steps
  }
  release() {
    this.released += 1
  }
}

interface Call {
  readonly prompt: readonly number[]
  readonly settings?: Partial<GenerationSettings>
  readonly seed?: number
}

/** Generations that come together; what each gives, and the decoders that served them. */
async function together(calls: readonly Call[], controllers = calls.map(() => new AbortController())) {
  const batches = new Batches()
  const decoders: Toy[] = []
  const begin: Begin = async () => {
    const toy = new Toy()
    decoders.push(toy)
    return toy as unknown as SessionDecoder
  }
  const running = calls.map(async ({ prompt, settings, seed }, i) => {
    const { signal } = controllers[i]!
    const member = new BatchMember({ keep: [new Uint8Array(prompt.length).fill(1)], inputs: {} }, signal)
    const turn = () => new Promise<void>((resolve) => setTimeout(resolve))
    const decoder = await batches.join(String(prompt.length), member, turn, begin)
    const request = { settings: settingsWith(settings), prompts: [Int32Array.from(prompt)], seed }
    const onTokens = () => {
      if (i === 1) controllers[i]!.abort(new Error('enough'))
    }
    try {
      return [
        ...(await generate({ decoder }, request, controllers.length > 3 ? { onTokens } : {}, signal))
          .sequences[0]!,
      ]
    } finally {
      decoder.release()
    }
  })
  return { results: await Promise.allSettled(running), decoders }
}
const alone = async (call: Call) => {
  const { results } = await together([call])
  return (results[0] as PromiseFulfilledResult<number[]>).value
}
const given = (results: readonly PromiseSettledResult<number[]>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason)))

const prompts = [
  [26, 28, 4],
  [5, 9, 11],
  [30, 7, 40],
]
const length = { max_length: 30, eos_token_id: [EOS], pad_token_id: PAD }

test.each([
  ['greedy', {}],
  ['sampled', { mode: 'sample', do_sample: true } as const],
])('%s generations that come together are one batch, and give what each gives alone', async (_, changes) => {
  const calls = prompts.map((prompt, seed) => ({ prompt, seed, settings: { ...length, ...changes } }))
  const expected = await Promise.all(calls.map(alone))
  const { results, decoders } = await together(calls)
  expect(given(results)).toEqual(expected)
  expect(new Set(expected.map((row) => row.length)).size).toBeGreaterThan(1) // some end before others
  expect(decoders).toHaveLength(1)
  const longest = Math.max(...expected.map((row) => row.length))
  expect(decoders[0]!.length).toBe(longest - 1) // nobody reads the last token
  expect(decoders[0]!.released).toBe(1)
})

test('greedy ones and sampled ones share, those of other lengths do not', async () => {
  const calls = [
    { prompt: prompts[0]!, settings: length },
    { prompt: prompts[1]!, seed: 3, settings: { ...length, mode: 'sample', do_sample: true } as const },
    { prompt: [1, 2, 3, 4], settings: length },
  ]
  const expected = await Promise.all(calls.map(alone))
  const { results, decoders } = await together(calls)
  expect(given(results)).toEqual(expected)
  expect(decoders).toHaveLength(2)
})

test('one that fails or is given up leaves the others alone', async () => {
  const settings = { ...length, eos_token_id: [] }
  const bad = [
    { prompt: prompts[0]!, settings },
    { prompt: [5, BAD, 11], settings },
  ]
  const failed = await together(bad)
  expect(given(failed.results)).toEqual([await alone(bad[0]!), 'RangeError: bad token'])

  const calls = [...prompts, [8, 9, 10]].map((prompt) => ({ prompt, settings }))
  const { results, decoders } = await together(calls)
  const expected: (number[] | string)[] = await Promise.all(calls.map(alone))
  expected[1] = 'Error: enough'
  expect(given(results)).toEqual(expected)
  expect(decoders.map(({ released }) => released)).toEqual([1])
})
