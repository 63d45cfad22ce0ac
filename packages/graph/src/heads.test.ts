import { expect, test } from 'vitest'
import { type HeadAxis, linear, parameter, prunedAxes } from './index'

const heads: HeadAxis = { total: 4, size: 3, kept: [0, 2, 3] }
const whole: HeadAxis = { total: 2, size: 3, kept: [0, 1] }

test('an axis of heads is as long as those that are left', () => {
  const { weight, bias } = linear(8, heads).children
  expect(weight.shape).toEqual([9, 8])
  expect(bias?.shape).toEqual([9])
  expect(linear(heads, 8).children.weight.shape).toEqual([8, 9])
  expect(linear(8, [heads, whole, whole], { transposed: true }).children.weight.shape).toEqual([8, 21])
})

test('places of neighbouring heads are one range, also where one row of heads follows another', () => {
  const ranges = [
    [0, 3],
    [6, 12],
  ]
  expect(prunedAxes(parameter(heads, 8))).toEqual([{ axis: 0, ranges }])
  expect(prunedAxes(parameter(8, heads))).toEqual([{ axis: 1, ranges }])
  // 0–3, 6–12 of the first row, 12–18 of the second, 18–21, 24–30 of the third
  const rows = [
    [0, 3],
    [6, 21],
    [24, 30],
  ]
  expect(prunedAxes(parameter([heads, whole, heads], 8))).toEqual([{ axis: 0, ranges: rows }])
})

test('an axis that lacks no head is as any other', () => {
  expect(prunedAxes(parameter(whole, [whole, whole]))).toEqual([])
  expect(prunedAxes(parameter(6, 12))).toEqual([])
})
