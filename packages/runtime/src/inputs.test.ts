import type { Program } from '@webformers/graph'
import { describe, expect, test } from 'vitest'
import { IndexOutOfRangeError, InputError, SequenceTooLongError } from './errors'
import { prepareFeeds, smallInputs } from './inputs'
import type { PlainTensor } from './tensor'

const program: Program = {
  onnx: new Uint8Array(),
  inputs: {
    input_ids: { dtype: 'int32', shape: ['batch', 'sequence'], below: 100 },
    attention_mask: { dtype: 'int32', shape: ['batch', 'sequence'] },
    scale: { dtype: 'float32', shape: [2] },
  },
  derived: {
    positions: { kind: 'arange', dims: ['sequence'] },
    flat: { kind: 'shape', dims: ['batch*sequence', '4'] },
  },
  limits: { sequence: 4 },
  outputs: { y: { dtype: 'float32', shape: ['batch'] } },
  parameters: [],
}
const int32 = (shape: number[], ...values: number[]): PlainTensor => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(values),
})
const scale: PlainTensor = { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) }
const input_ids = int32([2, 3], 5, 6, 7, 8, 9, 99)
const attention_mask = int32([2, 3], 1, 1, 1, 1, 1, 0)

test('what follows from the sizes is fed too', () => {
  const feeds = prepareFeeds(program, { input_ids, attention_mask, scale })
  expect(feeds.input_ids).toBe(input_ids)
  expect(feeds.positions).toEqual(int32([3], 0, 1, 2))
  expect(feeds.flat).toEqual({ dtype: 'int64', shape: [2], data: BigInt64Array.of(6n, 4n) })
})

test('what dropouts keep is drawn for each of them, in the shape of what it drops from', () => {
  const dropout = (site: number) =>
    ({ kind: 'dropout', dims: ['batch', '4*sequence'], probability: 0.25, site }) as const
  const derived = { first: dropout(0), second: dropout(1) }
  const { first, second } = prepareFeeds(
    { ...program, derived },
    { input_ids, attention_mask, scale },
    (length, { site }) => new Uint8Array(length).fill(site),
  )
  expect(first).toEqual({ dtype: 'uint8', shape: [2, 12], data: new Uint8Array(24) })
  expect(second).toEqual({ dtype: 'uint8', shape: [2, 12], data: new Uint8Array(24).fill(1) })
})

test('cosines and sines of positions, rounded as torch rounds them', () => {
  const rates = {
    frequencies: [1, Math.fround(0.1)],
    scale: 2,
    longerThan: 3,
    longFrequencies: [0.5, Math.fround(0.7)],
  }
  const derived = { cos: { kind: 'cos', dims: ['sequence'], ...rates } } as const
  const table = (length: number) => {
    const ids = int32([1, length], ...Array.from({ length }, () => 1))
    const wide = { ...program, derived, limits: {} }
    return prepareFeeds(wide, { input_ids: ids, attention_mask: ids, scale }).cos!
  }
  const expectClose = (data: PlainTensor['data'], ...expected: number[]) =>
    expect(
      Array.from(data as Float32Array, (value, i) => Math.abs(value - expected[i]!) < 1e-6),
    ).not.toContain(false)
  expect(table(3).shape).toEqual([3, 2])
  expectClose(table(3).data, 2, 2, 1.0806046724, 1.9900083542, -0.8322936893, 1.9601331949)
  // A sequence longer than that turns at another rate throughout.
  expectClose(table(4).data.slice(2, 4), 1.7551651001, 1.5296844244)
  // The product 100,003 · 0.7 lies 0.003 from its float32; twice the cosine of the exact one is 0.8509664.
  expectClose(table(100_004).data.slice(-1), 0.8459774256)
})

test('ids of type int64 are taken', () => {
  const ids: PlainTensor = { dtype: 'int64', shape: [2, 3], data: BigInt64Array.of(5n, 6n, 7n, 8n, 9n, 99n) }
  expect(prepareFeeds(program, { input_ids: ids, attention_mask, scale }).input_ids).toEqual(input_ids)
})

test('small inputs are accepted inputs', () => {
  const feeds = prepareFeeds(program, smallInputs(program))
  expect(feeds.input_ids).toEqual(int32([1, 4], 1, 1, 1, 1))
  expect(feeds.positions).toEqual(int32([4], 0, 1, 2, 3))
})

describe('refused, with what came and what was expected', () => {
  const refused = (inputs: Record<string, PlainTensor>) => {
    try {
      prepareFeeds(program, inputs)
    } catch (error) {
      return error as Error
    }
    throw new Error('it was accepted')
  }
  test('a missing and an unknown input', () => {
    expect(refused({ input_ids, scale })).toEqual(
      new InputError('Missing input attention_mask. Got input_ids, scale.'),
    )
    const message = 'Unknown input pixels. This model takes input_ids, attention_mask, scale.'
    expect(refused({ input_ids, attention_mask, scale, pixels: scale })).toEqual(new InputError(message))
  })
  test('another type', () => {
    const floats: PlainTensor = { dtype: 'float32', shape: [2, 3], data: new Float32Array(6) }
    expect(refused({ input_ids: floats, attention_mask, scale }).message).toBe(
      'Input input_ids must be int32, got float32.',
    )
    const lies = { dtype: 'int32', shape: [2, 3], data: new Float32Array(6) } as unknown as PlainTensor
    expect(refused({ input_ids: lies, attention_mask, scale }).message).toContain('its data is Float32Array')
  })
  test('another shape', () => {
    const message = (tensor: PlainTensor) => refused({ input_ids, attention_mask: tensor, scale }).message
    expect(message(int32([2, 2], 1, 1, 1, 1))).toBe(
      'Input attention_mask must be of shape [batch, sequence], got [2, 2]: dimension 1 is 2, but sequence is 3.',
    )
    expect(message(int32([6], 1, 1, 1, 1, 1, 1))).toContain('it has 1 dimensions instead of 2')
    expect(message(int32([2, 3], 1))).toBe('Input attention_mask of shape [2, 3] needs 6 values, got 1.')
    expect(message(int32([0, 3]))).toContain('holds nothing to compute')
  })
  test('an id outside its table', () => {
    const error = refused({ input_ids: int32([2, 3], 5, 6, 7, 8, 100, 9), attention_mask, scale })
    expect(error).toBeInstanceOf(IndexOutOfRangeError)
    expect(error).toMatchObject({ input: 'input_ids', position: [1, 1], value: 100, below: 100 })
    expect(error.message).toContain('input_ids[1, 1] is 100, but this model knows ids from 0 to 99')
    expect(refused({ input_ids: int32([1, 1], -1), attention_mask: int32([1, 1], 1), scale })).toMatchObject({
      value: -1,
    })
  })
  test('too long a sequence', () => {
    const long = int32([1, 5], 1, 1, 1, 1, 1)
    const error = refused({ input_ids: long, attention_mask: long, scale })
    expect(error).toBeInstanceOf(SequenceTooLongError)
    expect(error).toMatchObject({ dimension: 'sequence', length: 5, limit: 4 })
    expect(error.message).toContain('truncation: true')
  })
})

test('an image of which nothing would be left is refused, and the first run takes one that is large enough', () => {
  const images: Program = {
    ...program,
    inputs: { pixel_values: { dtype: 'float32', shape: ['batch', 1, 'height', 'width'] } },
    derived: {},
    limits: {},
    least: { height: 7, width: 21 },
  }
  const pixels = (height: number, width: number): PlainTensor => ({
    dtype: 'float32',
    shape: [1, 1, height, width],
    data: new Float32Array(height * width),
  })
  expect(() => prepareFeeds(images, { pixel_values: pixels(6, 30) })).toThrow(
    /The height is 6, and this model needs at least 7/,
  )
  expect(smallInputs(images).pixel_values!.shape).toEqual([1, 1, 7, 21])
  expect(prepareFeeds(images, smallInputs(images)).pixel_values).toBeDefined()
})
