import { expect, test } from 'vitest'
import { type Tensor, toList } from '../tensor'
import { openRecorded } from '../testing/recorded-models'
import { DynamicCache } from './cache'
import type { GenerateOptions } from './call'

const rows = (sequences: Tensor) => toList<number[][]>(sequences)
const options: GenerateOptions = { eosTokenId: null, padTokenId: 0, maxNewTokens: 20 }
const prompts = [[[7, 8, 9]], [[12, 4, 31]], [[40, 41, 5]], [[6, 7]]]

test.each(['wasm', 'webgpu'] as const)(
  '%s: calls at the same time give what they give one after another',
  { timeout: 120_000 },
  async (device) => {
    await using model = await openRecorded('llama/causal-lm', { device })
    const calls = prompts.map((input_ids, i) => ({
      input_ids,
      options: i === 2 ? { ...options, doSample: true, seed: 5 } : { ...options, maxNewTokens: 10 + 5 * i },
    }))
    const alone: number[][][] = []
    for (const call of calls)
      alone.push(rows(await model.generate({ input_ids: call.input_ids }, call.options)))
    const together = await Promise.all(
      calls.map(async (call) => rows(await model.generate({ input_ids: call.input_ids }, call.options))),
    )
    expect(together).toEqual(alone)
  },
)

test('short calls do not wait for long ones', { timeout: 60_000 }, async () => {
  await using model = await openRecorded('llama/causal-lm')
  const controller = new AbortController()
  const { signal } = controller
  const long = model.generate({ input_ids: [[7, 8, 9, 10]] }, { ...options, maxNewTokens: 5000, signal })
  let over = false
  const ended = long.catch((error) => error).finally(() => (over = true))
  const expected = rows(await model.generate({ input_ids: prompts[0]! }, { ...options }))
  const { logits } = (await model({ input_ids: prompts[0]! })) as unknown as { logits: Tensor }
  expect(over).toBe(false)
  controller.abort()
  expect(await ended).toBe(signal.reason)
  expect(logits.shape.slice(0, 2)).toEqual([1, 3])
  expect(rows(await model.generate({ input_ids: prompts[0]! }, options))).toEqual(expected)
})

test('of a prompt that is given up no more is read', { timeout: 60_000 }, async () => {
  await using model = await openRecorded('llama/causal-lm')
  using cache = new DynamicCache()
  const controller = new AbortController()
  const { signal } = controller
  const long = [Array.from({ length: 20_000 }, (_, i) => 7 + (i % 30))]
  const given = { ...options, pastKeyValues: cache, signal }
  const reading = model.generate({ input_ids: long }, given).catch((error) => error)
  // Its turn comes between two pieces of the other.
  const expected = rows(await model.generate({ input_ids: prompts[0]! }, options))
  controller.abort()
  expect(await reading).toBe(signal.reason)
  expect(rows(await model.generate({ input_ids: prompts[0]! }, options))).toEqual(expected)
  await expect.poll(() => cache.getSeqLength()).toBeGreaterThan(0)
  expect(cache.getSeqLength()).toBeLessThan(10_000)
})
