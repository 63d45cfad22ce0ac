import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../checkpoint'
import { halves } from './half'
import { q2_k, q3_k, q4_k, q5_k, q6_k } from './large-blocks'
import { type Dequantize, iq4_nl, q4_0, q4_1, q5_0, q5_1, q8_0 } from './small-blocks'

const recorded = await openCheckpoint({
  'blocks.safetensors': new Blob([readFileSync(new URL('./fixture/blocks.safetensors', import.meta.url))]),
})

const types: [name: string, dequantize: Dequantize][] = [
  ['Q4_0', q4_0],
  ['Q4_1', q4_1],
  ['Q5_0', q5_0],
  ['Q5_1', q5_1],
  ['Q8_0', q8_0],
  ['Q2_K', q2_k],
  ['Q3_K', q3_k],
  ['Q4_K', q4_k],
  ['Q5_K', q5_k],
  ['Q6_K', q6_k],
  ['IQ4_NL', iq4_nl],
]

test('every recorded type is compared', () => {
  const names = [...recorded.entries.keys()].filter((name) => name.endsWith('.blocks'))
  expect(types.map(([name]) => `${name}.blocks`).sort()).toEqual(names.sort())
})

test.each(types)('%s gives the weights that gguf gives, to the last bit', async (name, dequantize) => {
  const blocks = await recorded.bytes(`${name}.blocks`)
  const truth = new Float32Array((await recorded.bytes(`${name}.weights`)).buffer)
  const weights = new Float32Array(truth.length)
  // At an odd place, as in a file.
  const moved = new Uint8Array(blocks.length + 1)
  moved.set(blocks, 1)
  dequantize(moved.subarray(1), weights)
  expect(truth.length).toBeGreaterThan(700)
  const differing = weights.findIndex((weight, i) => !Object.is(weight, truth[i]))
  expect(differing === -1 ? 'none' : `${differing}: ${weights[differing]}, not ${truth[differing]}`).toBe(
    'none',
  )
})

test('half precision', () => {
  const bits = { 0: 0, 32768: -0, 1: 2 ** -24, 1023: 1023 * 2 ** -24, 1024: 2 ** -14, 15360: 1, 49152: -2 }
  for (const [half, number] of Object.entries(bits)) expect(halves[Number(half)]).toBe(number)
  expect([halves[0x7bff], halves[0x7c00], halves[0xfc00], halves[0x7e00]]).toEqual([
    65504,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ])
})
