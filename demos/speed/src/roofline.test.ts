import { describe, expect, test } from 'vitest'
import { bytesOfWeight, bytesPerToken, ceiling, shareOf, type Weight } from './roofline'

/** SmolLM2-135M: 49,152 tokens of 576 numbers, tied; 30 layers, 9 heads of queries and 3 of keys and values of size 64, 1,536 between. */
const layer: Weight[] = [
  ...[
    [576, 576],
    [192, 576],
    [192, 576],
    [576, 576],
    [1536, 576],
    [1536, 576],
    [576, 1536],
    [576],
    [576],
  ].map((shape): Weight => ({ shape, read: 'whole', vocabulary: false })),
]
const smollm2: Weight[] = [
  { shape: [49152, 576], read: 'both', vocabulary: true },
  ...Array.from({ length: 30 }, () => layer).flat(),
  { shape: [576], read: 'whole', vocabulary: false },
]
const cache = { layers: 30, heads: 3, size: 64 }

describe('a token of SmolLM2-135M reads', () => {
  // 134,515,008 numbers: 28,311,552 of the table, 106,168,320 of matrices, 35,136 of norms
  test.each([
    // 4 × 134,515,008 and a row of 4 × 576
    ['wasm', 'fp32', 538_060_032 + 2304],
    ['wasm', 'q4', 538_060_032 + 2304],
    ['webgpu', 'fp32', 538_060_032 + 2304],
    ['webgpu', 'fp16', 269_030_016 + 1152],
    // a byte each for 134,479,872, 4 for each of 49,152 + 30 × 5,184 outputs, norms, a row with its scale
    ['wasm', 'int8', 134_479_872 + 4 * (49_152 + 155_520) + 140_544 + 580],
    // 1 byte and 4 / 32
    ['webgpu', 'q8', 134_479_872 * 1.125 + 140_544 + 648],
    // the table as q8, half a byte and 4 / 32 for the rest
    ['webgpu', 'q4', 31_850_496 + 66_355_200 + 140_544 + 648],
    // scales and norms of 2 bytes
    ['webgpu', 'q4f16', 28_311_552 * 1.0625 + 106_168_320 * 0.5625 + 70_272 + 612],
  ] as const)('on %s in %s', (device, dtype, bytes) => {
    expect(bytesPerToken(smollm2, cache, 0, { device, dtype })).toBe(bytes)
  })

  test('keys and values of 4 bytes besides', () => {
    const held = { device: 'wasm', dtype: 'fp32' } as const
    const at = (past: number) =>
      bytesPerToken(smollm2, cache, past, held) - bytesPerToken(smollm2, cache, 0, held)
    expect([at(1), at(64), at(512)]).toEqual([46_080, 2_949_120, 23_592_960]) // 2 × 30 × 3 × 64 × 4
  })
})

test('a table that nothing else reads costs a row', () => {
  const weights: Weight[] = [
    { shape: [1000, 64], read: 'row', vocabulary: true },
    { shape: [1000, 64], read: 'whole', vocabulary: true },
  ]
  const none = { layers: 0, heads: 0, size: 0 }
  expect(bytesPerToken(weights, none, 9, { device: 'wasm', dtype: 'fp32' })).toBe(256 + 256_000)
})

test('narrow matrices, and those without whole blocks, are not held in blocks', () => {
  const held = { device: 'webgpu', dtype: 'q4' } as const
  const bytes = (...shape: number[]) => bytesOfWeight({ shape, read: 'whole', vocabulary: false }, held)
  expect([bytes(31, 32), bytes(32, 32), bytes(64, 24)]).toEqual([31 * 32 * 4, 512 + 128, 64 * 24 * 4])
})

test('the roofline, and a share of it', () => {
  expect(ceiling(20e9, 500e6)).toBe(40)
  expect(shareOf(30, 20e9, 500e6)).toBe(0.75)
})
