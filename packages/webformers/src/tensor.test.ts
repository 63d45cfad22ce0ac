import { describe, expect, test } from 'vitest'
import { TensorError } from './errors'
import { tensor, toList } from './tensor'

describe('tensor', () => {
  test.each([
    [[1, 2], 'int32', new Int32Array([1, 2])],
    [[1, 2.5], 'float32', new Float32Array([1, 2.5])],
    [[1n, 2n], 'int64', new BigInt64Array([1n, 2n])],
    [[true, false], 'bool', new Uint8Array([1, 0])],
    [new Float32Array([1, 2]), 'float32', new Float32Array([1, 2])],
    [new Float64Array([1, 2]), 'float32', new Float32Array([1, 2])],
    [new Int32Array([1, 2]), 'int32', new Int32Array([1, 2])],
    [new BigInt64Array([1n, 2n]), 'int64', new BigInt64Array([1n, 2n])],
    [new Int8Array([1, 2]), 'int8', new Int8Array([1, 2])],
    [new Uint8Array([1, 2]), 'uint8', new Uint8Array([1, 2])],
  ])('%s is %s', (values, dtype, data) => {
    expect(tensor(values)).toEqual({ dtype, shape: [2], data })
  })

  test('takes its shape from the list, or as it is told', () => {
    expect(tensor([[[1], [2]]]).shape).toEqual([1, 2, 1])
    expect(tensor(7)).toEqual({ dtype: 'int32', shape: [], data: new Int32Array([7]) })
    expect(tensor([]).shape).toEqual([0])
    expect(tensor([1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2])
  })

  test('takes the type it is told', () => {
    expect(tensor([1, 2], undefined, 'int64').data).toEqual(new BigInt64Array([1n, 2n]))
    expect(tensor([1, 0], [1, 2], 'float32').data).toEqual(new Float32Array([1, 0]))
    expect(tensor([2, 0], undefined, 'bool').data).toEqual(new Uint8Array([1, 0]))
  })

  test('survives a structured clone', () => {
    const given = tensor([[0.5, 1]])
    expect(structuredClone(given)).toEqual(given)
  })

  test('refuses rows of different lengths, and values that do not fill the shape', () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(/shape \[2\] and of shape \[1\].*padding: true/)
    expect(() => tensor([[1], 2])).toThrow(TensorError)
    expect(() => tensor([1, 2, 3], [2, 2])).toThrow('holds 4 values, but 3 were given')
    expect(() => tensor([1], undefined, 'float16')).toThrow('bits')
  })
})

describe('toList', () => {
  test.each([
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [[[[1], [2]]]],
    [5],
    [[]],
    [[1.5, -2]],
    [[1n, -2n]],
    [[true, false]],
  ])('%s', (list) => {
    expect(toList(tensor(list))).toEqual(list)
  })

  test('half precision', () => {
    const bits = new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x8000])
    const values = [1, -2, 2 ** -24, 65504, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]
    expect(toList(tensor(bits))).toEqual(values)
    expect(toList(tensor(new Uint16Array([0x7e00])))).toEqual([Number.NaN])
  })
})
