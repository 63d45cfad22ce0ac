import type { TensorEntry } from '@webformers/hub'
import { expect, test } from 'vitest'
import { resolveParameters } from './resolve'

const entry = (name: string, dtype: TensorEntry['dtype'], shape: readonly number[]): TensorEntry => ({
  name,
  dtype,
  shape,
  blob: new Blob(),
  file: 'model.safetensors',
  offset: 0,
  length: 0,
})

const norm = ['weight', 'running_mean', 'running_var', 'num_batches_tracked'].map((name) => ({
  sources: [name],
  shape: name === 'num_batches_tracked' ? [] : [2],
  buffer: name !== 'weight',
}))
const policy = {
  parameters: norm,
  missing: 'refuse',
  mismatched: 'refuse',
  deviation: 0.02,
  seed: 0,
} as const

test('a batch normalization has counted batches in whole numbers', () => {
  const given = norm.map(({ sources: [name], shape }) =>
    entry(name!, name === 'num_batches_tracked' ? 'I64' : 'F32', shape),
  )
  const { entries, info } = resolveParameters(new Map(given.map((each) => [each.name, each])), policy)
  expect(info).toEqual({ missing_keys: [], unexpected_keys: [], mismatched_keys: [] })
  expect(entries.get('num_batches_tracked')!.dtype).toBe('I64')
})

test('one that has seen nothing changes nothing', () => {
  const { entries } = resolveParameters(new Map([['weight', entry('weight', 'F32', [2])]]), policy)
  const numbers = (name: string) => [
    ...new Float32Array(entries.get(name)!.decode!(new Uint8Array()).buffer as ArrayBuffer),
  ]
  expect(numbers('running_mean')).toEqual([0, 0])
  expect(numbers('running_var')).toEqual([1, 1])
})

test('positions that nobody learns begin as sines and cosines', () => {
  const parameters = [{ sources: ['positions'], shape: [3, 6], initial: 'sinusoids' as const }]
  const { entries, info } = resolveParameters(new Map(), { ...policy, parameters, missing: 'any' })
  expect(info.missing_keys).toEqual(['positions'])
  const values = new Float32Array(entries.get('positions')!.decode!(new Uint8Array()).buffer as ArrayBuffer)
  // transformers.models.whisper.modeling_whisper.sinusoids(3, 6)
  const expected = [
    [0, 0, 0, 1, 1, 1],
    [0.8414709568, 0.0099998331, 0.0001, 0.5403023362, 0.9999499917, 1.0],
    [0.9092974067, 0.0199986659, 0.0002, -0.4161468446, 0.9998000264, 1.0],
  ]
  for (const [i, value] of expected.flat().entries()) expect(values[i]!).toBeCloseTo(value, 6)
})
