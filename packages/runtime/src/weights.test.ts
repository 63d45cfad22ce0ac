import type { Parameter } from '@webformers/graph'
import { MissingTensorError, openCheckpoint, TensorShapeError } from '@webformers/hub'
import { expect, test } from 'vitest'
import { resolveParameters } from './resolve'
import { safetensors } from './testing'
import { placeWeights, strictPolicy } from './weights'

const tensor = (...shape: number[]) =>
  ({ dtype: 'float32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as const
const checkpoint = await openCheckpoint({
  'model.safetensors': safetensors({
    'bert.layer.0.weight': tensor(3, 2),
    'bert.layer.0.gamma': tensor(3),
    'bert.layer.1.weight': tensor(5, 2),
  }),
})
/** The weights of a program with these parameters. */
const place = (parameters: Parameter[]) =>
  placeWeights(parameters, resolveParameters(checkpoint.entries, strictPolicy({ parameters })).entries)
const parameter = (name: string, shape: number[], more: Partial<Parameter> = {}): Parameter => ({
  name,
  sources: [name],
  dtype: 'float32',
  shape,
  ...more,
})

test('a tensor is mounted where it lies; the first name that the checkpoint has is taken', () => {
  const { initializers, files } = place([
    parameter('bert.layer.0.weight', [3, 2]),
    parameter('norm', [3], { sources: ['bert.layer.0.LayerNorm', 'bert.layer.0.gamma'] }),
  ])
  const [weight, gamma] = ['bert.layer.0.weight', 'bert.layer.0.gamma'].map(
    (name) => checkpoint.entries.get(name)!,
  )
  expect(initializers).toEqual([
    {
      name: 'bert.layer.0.weight',
      dtype: 'float32',
      shape: [3, 2],
      location: 'model.safetensors',
      offset: weight!.offset,
      length: 24,
    },
    {
      name: 'norm',
      dtype: 'float32',
      shape: [3],
      location: 'model.safetensors',
      offset: gamma!.offset,
      length: 12,
    },
  ])
  expect(files.map(({ path, size }) => [path, size])).toEqual([['model.safetensors', weight!.blob.size]])
})

test('what has to be converted lies in a file of its own', () => {
  const { initializers, files } = place([
    parameter('half', [3, 2], { sources: ['bert.layer.0.weight'], dtype: 'float16' }),
    parameter('rows', [2, 3], {
      sources: ['bert.layer.0.weight'],
      dtype: 'int8',
      transform: { kind: 'quantize', axis: 0, transpose: true },
    }),
    parameter('scales', [3], { sources: ['bert.layer.0.weight'], transform: { kind: 'scales', axis: 0 } }),
  ])
  expect(initializers.map(({ location, offset, length }) => [location, offset, length])).toEqual([
    ['converted', 0, 12],
    ['converted', 12, 6],
    ['converted', 18, 12],
  ])
  expect(files.map(({ path, size }) => [path, size])).toEqual([['converted', 30]])
})

test('all that is missing is listed, with what is near it', () => {
  const wanted = [
    parameter('encoder.layer.0.weight', [3, 2]),
    parameter('head.bias', [2]),
    parameter('bert.layer.0.gamma', [3]),
  ]
  expect(() => place(wanted)).toThrow(MissingTensorError)
  expect(() => place(wanted)).toThrow(
    'The checkpoint lacks 2 of the 3 tensors of this model:\n' +
      '  encoder.layer.0.weight [3, 2]; near it: bert.layer.0.weight [3, 2]\n' +
      '  head.bias [2]\n' +
      'It holds 3 tensors.',
  )
})

test('all that have another shape are listed', () => {
  const wanted = [
    parameter('bert.layer.0.weight', [3, 4]),
    parameter('bert.layer.1.weight', [2, 4], {
      dtype: 'int8',
      transform: { kind: 'quantize', axis: 0, transpose: true },
    }),
    parameter('bert.layer.0.gamma', [3]),
  ]
  expect(() => place(wanted)).toThrow(TensorShapeError)
  expect(() => place(wanted)).toThrow(
    '2 of the 3 tensors of this model are of another kind in the checkpoint:\n' +
      '  bert.layer.0.weight is F32 [3, 2], expected floating point [3, 4]\n' +
      '  bert.layer.1.weight is F32 [5, 2], expected floating point [4, 2]\n',
  )
})

test('several tensors are one, where a program wants them behind each other', () => {
  const pieces = [parameter('bert.layer.0.weight', [3, 2]), parameter('bert.layer.1.weight', [5, 2])]
  const both = parameter('both', [8, 2], { sources: pieces[0]!.sources, pieces })
  expect(strictPolicy({ parameters: [both] }).parameters.map(({ sources }) => sources)).toEqual(
    pieces.map(({ sources }) => sources),
  )
  const { initializers, files } = place([both])
  expect(initializers).toEqual([
    { name: 'both', dtype: 'float32', shape: [8, 2], location: 'converted', offset: 0, length: 64 },
  ])
  expect(files.map(({ size }) => size)).toEqual([64])
})
