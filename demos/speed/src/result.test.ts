import { expect, test } from 'vitest'
import { inText, percent } from './result'

test.each([
  [0, '0 %'],
  [0.00724, '0.72 %'],
  [0.8797, '88 %'],
  [1.234, '123 %'],
])('a share of %d is %s', (share, words) => {
  expect(percent(share)).toBe(words)
})

test('a result in words', () => {
  const text = inText({
    model: 'org/name',
    device: 'wasm',
    dtype: 'fp32',
    processor: '2 threads',
    bandwidth: { median: 21e9, low: 20e9, high: 22.14e9 },
    reading: { tokens: 256, milliseconds: { median: 1900.4, low: 1880, high: 1950 } },
    writing: [
      {
        past: 64,
        tokensPerSecond: { median: 36, low: 35, high: 37.04 },
        bytesPerToken: 541e6,
        ceiling: 40.92,
        share: 0.8797,
      },
    ],
    rounds: 3,
    browser: 'A browser',
    date: '2026-01-01',
  })
  expect(text.split('\n')).toEqual([
    'org/name, fp32 on WebAssembly (2 threads)',
    'Memory: 22.1 GB/s',
    '256 tokens read in 1900 (1880–1950) ms',
    'At 64 past tokens: 36.0 (35.0–37.0) tokens/s, 88 % of 40.9: each reads 541 MB',
    '2026-01-01, A browser',
  ])
})
