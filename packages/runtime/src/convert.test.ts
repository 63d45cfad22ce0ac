import { describe, expect, test } from 'vitest'
import { quantizeRows, rowScales, toFloat32, transposeMatrix } from './convert'

const raw = (array: ArrayBufferView<ArrayBuffer>) => new Uint8Array(array.buffer)
const bitsOf = (values: Float32Array<ArrayBuffer>) => [...new Uint32Array(values.buffer)]

describe('the numbers PyTorch gives', () => {
  test('float16 to float32', () => {
    const given = Uint16Array.of(
      0,
      0x8000,
      0x3c00,
      0xc100,
      0x2e66,
      0x7bff,
      0x0001,
      0x83ff,
      0x0400,
      0x7c00,
      0xfc00,
    )
    expect(bitsOf(toFloat32(raw(given), 'F16')!)).toEqual([
      0, 2147483648, 1065353216, 3223322624, 1036828672, 1199562752, 864026624, 3095379968, 947912704,
      2139095040, 4286578688,
    ])
  })
  test('bfloat16 to float32', () => {
    const given = Uint16Array.of(0, 0x8000, 0x3f80, 0xc020, 0x3dcd, 0x7f7f, 0x0001, 0x7f80)
    expect(bitsOf(toFloat32(raw(given), 'BF16')!)).toEqual([
      0, 2147483648, 1065353216, 3223322624, 1036845056, 2139029504, 65536, 2139095040,
    ])
  })
  test('rows in 8 bits and their scales', () => {
    const rows = Float32Array.of(0.5, -1.27, 0.01, 0, 0, 0, 2, -0.4, 1)
    const scales = rowScales(rows, 3)
    expect([...scales]).toEqual([1.27 / 127, 1, 2 / 127].map(Math.fround))
    expect([...quantizeRows(rows, scales, false)]).toEqual([50, -127, 1, 0, 0, 0, 127, -25, 64])
    expect([...quantizeRows(rows, scales, true)]).toEqual([50, 0, 127, -127, 0, -25, 1, 0, 64])
  })
})

test('a matrix of two rows becomes one of three', () => {
  const matrix = Float32Array.of(1, 2, 3, 4, 5, 6)
  expect(transposeMatrix(matrix, 2)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6))
})

test('bytes at any address are read', () => {
  const shifted = new Uint8Array(9)
  shifted.set(raw(Float32Array.of(1.5, -2)), 1)
  expect(toFloat32(shifted.subarray(1), 'F32')).toEqual(Float32Array.of(1.5, -2))
})

test('integers are no floating point', () => {
  expect(toFloat32(new Uint8Array(8), 'I64')).toBeUndefined()
})
