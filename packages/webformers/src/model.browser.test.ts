import { afterEach, describe, expect, test } from 'vitest'
import recording from '../fixtures/feature-extraction.json'
import { AutoModel } from './auto'
import { fixtures } from './testing/browser'
import { hubOf } from './testing/hub'

const options = { fetch: hubOf(fixtures), cache: false }
const [run] = recording.runs

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  test('a model computes what Python computed', async () => {
    await using model = await AutoModel.fromPretrained('tiny/bert-base', { ...options, device })
    const { last_hidden_state, ...rest } = await model({ input_ids: run!.input_ids })
    expect(last_hidden_state.shape).toEqual([1, run!.input_ids.length, 32])
    const difference = Array.from(last_hidden_state.data, (x, i) =>
      Math.abs(x - run!.last_hidden_state.flat()[i]!),
    )
    expect(Math.max(...difference)).toBeLessThan(1e-4)
    expect(Object.keys(rest)).toEqual(['pooler_output'])
  })
})
