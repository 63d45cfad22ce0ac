import { openCheckpoint, type SavedTensor, writeSafetensors } from '@webformers/hub'
import { expect, test } from 'vitest'
import truth from './fixture/casts.json'
import type { WeightPolicy } from './resolve'
import { type SaveDType, savedTensors, stateDictOrder } from './save'

const { signal } = new AbortController()
const policyOf = (
  shapes: Record<string, readonly number[]>,
  changes: Partial<WeightPolicy> = {},
): WeightPolicy => ({
  parameters: Object.entries(shapes).map(([name, shape]) => ({ sources: [name], shape })),
  missing: 'refuse',
  mismatched: 'refuse',
  deviation: 0.02,
  seed: 0,
  ...changes,
})
const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = async ({ bytes }: SavedTensor) =>
  Buffer.from(bytes instanceof Blob ? new Uint8Array(await bytes.arrayBuffer()) : bytes).toString('hex')
const open = (tensors: readonly SavedTensor[]) =>
  openCheckpoint({ 'model.safetensors': writeSafetensors(tensors) })

test.each(truth.casts)(
  '$from becomes $to with the bits that torch gives',
  async ({ from, to, input, output }) => {
    const shape = [truth.count]
    const dtype = from as SavedTensor['dtype']
    const checkpoint = await open([{ name: 'x', dtype, shape, bytes: fromHex(input) }])
    const names: Record<string, SaveDType> = { F32: 'fp32', F16: 'fp16', BF16: 'bf16' }
    const [saved] = await savedTensors(checkpoint, policyOf({ x: shape }), names[to], signal)
    expect(saved!.dtype).toBe(to)
    expect(await hexOf(saved!)).toBe(output)
  },
)

test('what is no number stays none', async () => {
  const bytes = new Uint8Array(Float32Array.of(Number.NaN).buffer)
  const checkpoint = await open([{ name: 'x', dtype: 'F32', shape: [1], bytes }])
  const save = (dtype: SaveDType) => savedTensors(checkpoint, policyOf({ x: [1] }), dtype, signal)
  expect(await hexOf((await save('fp16'))[0]!)).toBe('007e')
  expect(await hexOf((await save('bf16'))[0]!)).toBe('c07f')
})

test('whole numbers stay, kept types are not read, what the model lacks is left out or new', async () => {
  const checkpoint = await open([
    { name: 'ids', dtype: 'I64', shape: [1], bytes: fromHex('0100000000000000') },
    { name: 'a', dtype: 'F32', shape: [1], bytes: fromHex('0000803f') },
  ])
  for (const entry of checkpoint.entries.values()) {
    const part = entry.blob.slice(entry.offset, entry.offset + entry.length)
    Object.assign(part, { arrayBuffer: () => Promise.reject(new Error('read')) })
  }
  const shapes = { a: [1], 'new.weight': [2, 2] }
  const kept = await savedTensors(checkpoint, policyOf(shapes), undefined, signal)
  expect(kept.map(({ name, dtype }) => [name, dtype])).toEqual([['a', 'F32']])
  const all = await savedTensors(checkpoint, policyOf(shapes, { missing: 'any' }), 'bf16', signal)
  expect(all.map(({ name, dtype }) => [name, dtype])).toEqual([
    ['a', 'BF16'],
    ['new.weight', 'BF16'],
  ])
  expect(await hexOf(all[0]!)).toBe('803f')
  await expect(savedTensors(checkpoint, policyOf(shapes), 'fp16', AbortSignal.abort())).rejects.toThrow(
    'aborted',
  )
})

test('parameters of a module stand before those of its children, as in state_dict()', () => {
  const names = ['h.t.weight', 'h.t.bias', 'h.bias', 'e.weight', 'scale']
  expect(stateDictOrder(names)).toEqual(['scale', 'h.bias', 'h.t.weight', 'h.t.bias', 'e.weight'])
})
