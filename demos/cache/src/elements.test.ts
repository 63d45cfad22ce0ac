import { expect, test } from 'vitest'
import { ago, bytes, percent } from './elements'

test('sizes carry the unit that suits them', () => {
  expect([0, 999, 1000, 91_570_432, 123_456_789, 6e10, 5e15].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '91.6 MB',
    '123 MB',
    '60.0 GB',
    '5000 TB',
  ])
})

test('shares too small to write are said to be', () => {
  expect([0, 0.0004, 0.0124, 0.5, 1].map(percent)).toEqual(
    ['0.0 %', 'under 0.1 %', '1.2 %', '50 %', '100 %'].map((text) => text.replace(' %', '\u00a0%')),
  )
})

test('times are told as people do', () => {
  const before = (seconds: number) => ago(new Date(Date.now() - 1000 * seconds))
  expect([5, 61, 7200, 90_000, 1e6].map(before)).toEqual([
    'just now',
    '1 minute ago',
    '2 hours ago',
    'yesterday',
    '11 days ago',
  ])
})
