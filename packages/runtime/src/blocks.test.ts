import { readFileSync } from 'node:fs'
import { openCheckpoint, type TensorEntry } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import { dequantizeBlocks, offsetsOf, quantizeBlocks, repackBlocks } from './blocks'
import { transposeMatrix } from './convert'

const recorded = await openCheckpoint({
  'blocks.safetensors': new Blob([readFileSync(new URL('./fixture/blocks.safetensors', import.meta.url))]),
})
const numbers = async (name: string) => new Float32Array((await recorded.bytes(name)).buffer)
const values = await numbers('values')
/** Where numbers differ in a bit; zeros of both signs are alike. */
const differing = (own: Float32Array, truth: Float32Array) => {
  const at = truth.findIndex((value, i) => value !== own[i])
  return own.length !== truth.length ? 'lengths' : at < 0 ? 'nowhere' : `${at}: ${own[at]}, not ${truth[at]}`
}

describe.each(['Q8_0', 'Q4_0', 'Q4_1'] as const)('%s', (type) => {
  test('numbers are rounded as gguf rounds them, to the last bit', async () => {
    const blocks = quantizeBlocks(values, type)
    expect(differing(dequantizeBlocks(blocks, type), await numbers(`${type}.numbers`))).toBe('nowhere')
  })

  test("a file's blocks are the same, repacked", async () => {
    const file = await recorded.bytes(`${type}.file`)
    const blocks = repackBlocks(file, type)
    const made = quantizeBlocks(values, type)
    expect(differing(dequantizeBlocks(blocks, type), await numbers(`${type}.numbers`))).toBe('nowhere')
    expect(differing(blocks.scales, made.scales)).toBe('nowhere')
    expect([...blocks.quants]).toEqual([...made.quants])
    expect(blocks.minimums && [...blocks.minimums]).toEqual(made.minimums && [...made.minimums])
  })
})

test('what is added to a block makes good for a zero point in its middle', async () => {
  const blocks = quantizeBlocks(values, 'Q4_1')
  const [offsets, plain] = [offsetsOf(blocks, 'Q4_1'), dequantizeBlocks(blocks, 'Q4_1')]
  const symmetric = dequantizeBlocks({ quants: blocks.quants, scales: blocks.scales }, 'Q4_0')
  const farthest = plain.reduce((most, value, i) => {
    const block = Math.floor(i / 32)
    return Math.max(
      most,
      Math.abs(symmetric[i]! + offsets[block]! - value) / (15 * blocks.scales[block]! + Math.abs(value) || 1),
    )
  }, 0)
  expect(farthest).toBeLessThan(1e-6)
})

/** Files with permuted rows, and with matrices that lie the other way. */
test.each(['llama', 'gpt2-blocks'])('the blocks in %s.gguf stand for its numbers', async (name) => {
  const path = new URL(`../../hub/src/formats/gguf/fixture/${name}.gguf`, import.meta.url)
  const checkpoint = await openCheckpoint({ [`${name}.gguf`]: new Blob([readFileSync(path)]) })
  const fromBlocks = async ({ blocks, shape, blob, offset, length }: TensorEntry) => {
    const { type, transposed, ordered } = blocks!
    const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer())
    const own = dequantizeBlocks(repackBlocks(ordered?.(bytes) ?? bytes, type), type)
    return transposed ? transposeMatrix(own, shape[1]!) : own
  }
  const kept = new Set<string>()
  for (const [tensor, entry] of checkpoint.entries) {
    if (!entry.blocks) continue
    const truth = new Float32Array((await checkpoint.bytes(tensor)).buffer)
    expect(differing(await fromBlocks(entry), truth), tensor).toBe('nowhere')
    kept.add(
      `${entry.blocks.type}${entry.blocks.transposed ? 'T' : ''}${entry.blocks.ordered ? ' ordered' : ''}`,
    )
  }
  const found = {
    llama: ['Q4_0 ordered', 'Q4_1 ordered', 'Q8_0'],
    'gpt2-blocks': ['Q4_0T', 'Q4_1', 'Q4_1T', 'Q8_0', 'Q8_0T'],
  }
  expect([...kept].toSorted()).toEqual(found[name as keyof typeof found])
})
