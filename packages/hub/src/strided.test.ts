import { expect, test } from 'vitest'
import { gather, rowMajor, transposed } from './strided'

const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => i)
const gathered = (count: number, shape: number[], strides: number[]) => {
  const bytes = gather(new Uint8Array(numbers(count).buffer), 4, shape, strides)
  return [...new Float32Array(bytes.buffer)]
}

test('a transpose, as torch.arange(6.).reshape(2, 3).T.contiguous()', () => {
  const { shape, strides } = transposed([2, 3], [1, 0])
  expect([shape, strides]).toEqual([
    [3, 2],
    [1, 3],
  ])
  expect(gathered(6, shape, strides)).toEqual([0, 3, 1, 4, 2, 5])
})

test('axes of a kernel, as torch.arange(24.).reshape(1, 2, 3, 4).permute(3, 2, 0, 1)', () => {
  const { shape, strides } = transposed([1, 2, 3, 4], [3, 2, 0, 1])
  expect(shape).toEqual([4, 3, 1, 2])
  expect(gathered(24, shape, strides).slice(0, 8)).toEqual([0, 12, 4, 16, 8, 20, 1, 13])
})

test('a stride of zero repeats, as expand', () => {
  expect(gathered(2, [3, 2], [0, 1])).toEqual([0, 1, 0, 1, 0, 1])
})

test('a scalar, an empty tensor, and bytes at an odd address', () => {
  expect(gathered(1, [], [])).toEqual([0])
  expect(gathered(1, [0, 3], [3, 1])).toEqual([])
  const shifted = new Uint8Array([0, 1, 0, 2, 0]).subarray(1)
  expect([...gather(shifted, 2, [2], [1])]).toEqual([1, 0, 2, 0])
})

test('strides of rows', () => {
  expect(rowMajor([2, 3, 4])).toEqual([12, 4, 1])
  expect(rowMajor([])).toEqual([])
})
