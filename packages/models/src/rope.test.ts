import { expect, test } from 'vitest'
import recorded from './fixture/rope.json'
import { ConfigurationError, findArchitecture } from './index'
import { type RopeConfig, rotaryFrequencies } from './rope'

interface Recorded {
  config: { model_type: string }
  frequencies: number[]
  scale: number
  longerThan?: number
  longFrequencies?: number[]
}
const cases = Object.entries(recorded as unknown as Record<string, Recorded>)

/** How far two lists of float32 are apart, in steps of float32. */
const steps = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((x, i) => Math.abs(x / b[i]! - 1) * 2 ** 23))

test.each(cases)('%s turns as in Python', async (_, { config, ...expected }) => {
  const { config: configure } = await findArchitecture(config.model_type)
  const rotary = rotaryFrequencies(configure({ ...config }) as unknown as RopeConfig)
  expect(rotary.frequencies.length).toBe(expected.frequencies.length)
  expect(steps(rotary.frequencies, expected.frequencies)).toBeLessThan(2)
  expect(rotary.scale).toBeCloseTo(expected.scale, 12)
  expect(rotary.longerThan).toBe(expected.longerThan)
  if (expected.longFrequencies)
    expect(steps(rotary.longFrequencies!, expected.longFrequencies)).toBeLessThan(2)
})

test('nearly all frequencies are the very numbers of torch', async () => {
  const equal = await Promise.all(
    cases.map(async ([, { config, frequencies }]) => {
      const { config: configure } = await findArchitecture(config.model_type)
      const rotary = rotaryFrequencies(configure({ ...config }) as unknown as RopeConfig)
      return rotary.frequencies.filter((frequency, i) => frequency === frequencies[i]).length
    }),
  )
  const all = cases.reduce((sum, [, { frequencies }]) => sum + frequencies.length, 0)
  expect(equal.reduce((sum, n) => sum + n) / all).toBeGreaterThan(0.97)
})

test('the keys of transformers 5 mean the same', async () => {
  const { config: llama } = await findArchitecture('llama')
  const rope_parameters = { rope_type: 'linear', factor: 4, rope_theta: 5000 }
  expect(llama({ rope_parameters })).toMatchObject({
    rope_theta: 5000,
    rope_scaling: { rope_type: 'linear', factor: 4 },
  })
  const { config: gemma } = await findArchitecture('gemma3_text')
  const ropes = { full_attention: rope_parameters, sliding_attention: { rope_theta: 300 } }
  expect(gemma({ rope_parameters: ropes })).toMatchObject({ rope_theta: 5000, rope_local_base_freq: 300 })
})

test.each([
  [
    'llama',
    { rope_type: 'dynamic', factor: 2 },
    'supported: a rope_type of default, linear, llama3, yarn, longrope',
  ],
  ['llama', { rope_type: 'linear' }, 'supported: one with factor, a number'],
  [
    'qwen2',
    { type: 'llama3', factor: 2, low_freq_factor: 1 },
    'supported: one with high_freq_factor, a number',
  ],
  [
    'phi3',
    { type: 'longrope', short_factor: [1, 2], long_factor: [1] },
    'one with short_factor, a list of 48 numbers',
  ],
  ['phi3', { type: 'linear', factor: 2 }, 'supported: a type of "longrope", also spelled "su" and "yarn"'],
])('%s: a rope_scaling of %o is refused', async (model_type, rope_scaling, message) => {
  const { config } = await findArchitecture(model_type)
  expect(() => config({ model_type, rope_scaling })).toThrow(ConfigurationError)
  expect(() => config({ model_type, rope_scaling })).toThrow(message)
})
