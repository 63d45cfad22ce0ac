import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../checkpoint'
import { CorruptCheckpointError, TruncatedFileError } from '../errors'
import truth from './fixture/tiny.json'
import { readSafetensors } from './safetensors'

const tiny = readFileSync(new URL('./fixture/tiny.safetensors', import.meta.url))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** A file of this header and so many bytes of tensors. */
function file(header: unknown, bytes: number): Blob {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const prefix = new BigUint64Array([BigInt(text.length)])
  return new Blob([prefix, text, new Uint8Array(bytes)])
}

describe('a file the Python library wrote', () => {
  test('has every tensor, as Python reads it', async () => {
    const checkpoint = await openCheckpoint({ 'model.safetensors': new Blob([tiny]) })
    const read = []
    for (const [name, { dtype, shape }] of checkpoint.entries)
      read.push({ name, dtype, shape, hex: hex(await checkpoint.bytes(name)) })
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
    expect(read.sort(byName)).toEqual([...truth].sort(byName))
    expect(checkpoint.metadata).toEqual({ format: 'pt', note: 'recorded' })
  })

  test('tells where a tensor lies, for whoever mounts the file itself', async () => {
    const { entries } = await readSafetensors('model.safetensors', new Blob([tiny]))
    const { offset, length } = entries.find(({ name }) => name === 'embeddings.weight')!
    const recorded = truth.find(({ name }) => name === 'embeddings.weight')!
    expect(hex(tiny.subarray(offset, offset + length))).toBe(recorded.hex)
  })

  test.each([0, 7, 8, 100, tiny.length - 1])('cut after %i bytes is truncated', async (length) => {
    const opened = readSafetensors('model.safetensors', new Blob([tiny.subarray(0, length)]))
    await expect(opened).rejects.toThrow(TruncatedFileError)
    await expect(opened).rejects.toThrow(`"model.safetensors" has ${length} bytes`)
  })
})

describe('a malformed file is refused:', () => {
  const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }
  const two = { dtype: 'F32', shape: [1], data_offsets: [4, 8] }
  test.each<[what: string, header: unknown, bytes: number, message: string]>([
    ['no JSON', '{"a": ', 0, 'its header at byte 8 is no JSON'],
    ['a list', '[]', 0, 'no JSON object: []'],
    ['null', 'null', 0, 'no JSON object: null'],
    ['a tensor that is no object', { a: 1 }, 0, 'tensor "a" has dtype undefined, expected one of BOOL'],
    ['an unknown dtype', { a: { ...one, dtype: 'F31' } }, 4, 'tensor "a" has dtype "F31"'],
    [
      'an inherited name as dtype',
      { a: { ...one, dtype: 'toString' } },
      4,
      'tensor "a" has dtype "toString"',
    ],
    ['no shape', { a: { dtype: 'F32', data_offsets: [0, 4] } }, 4, 'tensor "a" has shape undefined'],
    ['a negative size', { a: { ...one, shape: [-1] } }, 4, 'tensor "a" has shape [-1]'],
    ['a fractional size', { a: { ...one, shape: [0.5] } }, 4, 'tensor "a" has shape [0.5]'],
    ['an unsafe size', { a: { ...one, shape: [2 ** 53] } }, 4, 'tensor "a" has shape [9007199254740992]'],
    ['a size as text', { a: { ...one, shape: ['1'] } }, 4, 'tensor "a" has shape ["1"]'],
    [
      'an overflowing product',
      { a: { ...one, shape: [2 ** 40, 2 ** 40] } },
      4,
      'takes 4 bytes, expected 4.8',
    ],
    ['one offset', { a: { ...one, data_offsets: [0] } }, 4, 'tensor "a" has data_offsets [0]'],
    ['offsets reversed', { a: { ...one, data_offsets: [4, 0] } }, 4, 'tensor "a" has data_offsets [4,0]'],
    ['a negative offset', { a: { ...one, data_offsets: [-4, 0] } }, 4, 'tensor "a" has data_offsets [-4,0]'],
    ['a wrong length', { a: { ...one, shape: [2] } }, 4, 'tensor "a" takes 4 bytes, expected 8 for F32 [2]'],
    ['a gap at the start', { b: two }, 8, 'tensor "b" begins at byte 66, expected 62'],
    ['an overlap', { a: one, b: { ...two, data_offsets: [2, 6] } }, 6, 'begins at byte 117, expected 119'],
    ['bytes after the end', { a: one }, 5, 'its tensors end at byte 66'],
    [
      'metadata of numbers',
      { __metadata__: { step: 1 }, a: one },
      4,
      '"__metadata__" is no object of strings',
    ],
    ['metadata as text', { __metadata__: 'pt', a: one }, 4, '"__metadata__" is no object of strings'],
    [
      'a name twice',
      `{"a":${JSON.stringify(one)},"a":${JSON.stringify(one)}}`,
      4,
      'its header names "a" twice',
    ],
    [
      'a name twice, escaped once',
      `{"a":${JSON.stringify(one)},"\\u0061" :${JSON.stringify(one)}}`,
      4,
      '"a" twice',
    ],
  ])('%s', async (_what, header, bytes, message) => {
    const opened = readSafetensors('model.safetensors', file(header, bytes))
    await expect(opened).rejects.toThrow(CorruptCheckpointError)
    await expect(opened).rejects.toThrow(message)
  })

  test('a header that is no UTF-8', async () => {
    const opened = readSafetensors('a', new Blob([new BigUint64Array([2n]), new Uint8Array([0xc3, 0x28])]))
    await expect(opened).rejects.toThrow('its header (bytes 8 to 10) is no UTF-8 text')
  })

  test('a header of 100 MB and a byte, or of 2⁶⁴ − 1 bytes', async () => {
    for (const length of [100_000_001n, 2n ** 64n - 1n]) {
      const opened = readSafetensors('a', new Blob([new BigUint64Array([length])]))
      await expect(opened).rejects.toThrow(`announce a header of ${length} bytes, expected at most 100000000`)
    }
  })

  test('a header longer than the file', async () => {
    const opened = readSafetensors('a', new Blob([new BigUint64Array([50n]), '{}']))
    await expect(opened).rejects.toThrow('"a" has 10 bytes, but its safetensors header ends at byte 58')
  })

  test('tensors beyond the end are a truncated file', async () => {
    const header = { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }
    await expect(readSafetensors('a', file(header, 4))).rejects.toThrow(TruncatedFileError)
  })
})

test('a file may hold no tensors', async () => {
  expect(await readSafetensors('a', file({}, 0))).toEqual({ entries: [], metadata: {} })
})
