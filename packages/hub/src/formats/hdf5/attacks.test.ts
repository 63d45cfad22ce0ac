import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  CorruptCheckpointError,
  TruncatedFileError,
  UnsupportedCheckpointError,
  WebformersError,
} from '../../errors'
import { readHdf5 } from './index'

const read = (name: string) => readFileSync(new URL(`../fixture/frameworks/${name}`, import.meta.url))
const layouts = read('layouts.h5')

/** The fixture with some of its bytes changed. */
function changed(change: (view: DataView, bytes: Buffer) => void, from = layouts): Blob {
  const bytes = Buffer.from(from)
  change(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), bytes)
  return new Blob([bytes])
}
const ALL_ONES = 2n ** 64n - 1n
const ROOT = 96 // where the root's header lies
const tree = layouts.indexOf('TREE')
const symbols = layouts.indexOf('SNOD')
const heap = layouts.indexOf('HEAP')
/** Where the layout of "grid" tells its place and its length, and where its shape is. */
const place = layouts.indexOf(Buffer.from([3, 1])) + 2
const shape = layouts.indexOf(Buffer.from([5, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]))

test('the places to be changed are those meant', () => {
  const view = new DataView(layouts.buffer, layouts.byteOffset, layouts.length)
  expect(Number(view.getBigUint64(place + 8, true))).toBe(5 * 7 * 4)
  expect([tree, symbols, heap, shape].every((at) => at > 0)).toBe(true)
  expect(view.getBigUint64(64, true)).toBe(BigInt(ROOT))
})

describe('refused within a moment:', () => {
  test.each<[what: string, blob: Blob, message: string]>([
    [
      'a group within itself',
      changed((view) => view.setBigUint64(symbols + 16, BigInt(ROOT), true)),
      'has two names, or lies within itself',
    ],
    [
      'a B-tree node that is its own child',
      changed((view) => {
        view.setUint8(tree + 5, 1)
        view.setBigUint64(tree + 32, BigInt(tree), true)
      }),
      `two B-trees, or one twice, lead to byte ${tree}`,
    ],
    [
      'a B-tree of 255 levels',
      changed((view) => view.setUint8(tree + 5, 255)),
      'begins with "SNOD", expected "TREE"',
    ],
    ['65535 children', changed((view) => view.setUint16(tree + 6, 0xffff, true)), "beyond the file's"],
    ['65535 symbols', changed((view) => view.setUint16(symbols + 6, 0xffff, true)), 'a node of symbols'],
    [
      'a heap of 2⁶⁴ − 1 bytes',
      changed((view) => view.setBigUint64(heap + 8, ALL_ONES, true)),
      'has a field of 1844674407370955',
    ],
    [
      'a heap of 2⁴⁰ bytes',
      changed((view) => view.setBigUint64(heap + 8, 2n ** 40n, true)),
      'takes 1099511627776 bytes, expected at most 4194304',
    ],
    [
      'a dataset beyond the end',
      changed((view) => view.setBigUint64(place, 2n ** 40n, true)),
      `lies at bytes 1099511627776 to 1099511627916, beyond the file's ${layouts.length}`,
    ],
    [
      'a dataset at no number',
      changed((view) => view.setBigUint64(place, ALL_ONES - 1n, true)),
      'has a field of 1844674407370955',
    ],
    [
      'a dataset that was never written',
      changed((view) => view.setBigUint64(place, ALL_ONES, true)),
      'were never written',
    ],
    [
      'a dataset of 2⁶⁴ − 1 bytes',
      changed((view) => view.setBigUint64(place + 8, ALL_ONES, true)),
      'has a field of 1844674407370955',
    ],
    [
      'a shape that its bytes do not fill',
      changed((view) => view.setBigUint64(shape, 2n ** 40n, true)),
      'takes 140 bytes, expected 30786325577728',
    ],
    [
      'a shape whose product is no number',
      changed((view) => {
        view.setBigUint64(shape, 2n ** 52n, true)
        view.setBigUint64(shape + 8, 2n ** 52n, true)
      }),
      'expected 8.112963841460668e+31',
    ],
    ['groups that lie 70 deep', new Blob([read('deep.h5')]), 'more than 64 deep'],
    [
      'a chunk that inflates to more than it should',
      new Blob([read('bomb.h5')]),
      'gives more, or no zlib stream',
    ],
    [
      'chunks that are as large as they say, and mostly nothing',
      new Blob([read('grown.h5')]),
      'its chunks give 24000000 bytes or more, expected at most 16777216',
    ],
    ['another file', new Blob(['version https://git-lfs.github.com/spec/v1']), 'expected "\x89HDF'],
    ['nothing', new Blob([]), 'begins with ""'],
  ])('%s', async (_what, blob, message) => {
    const { user } = process.cpuUsage()
    const error = await readHdf5('tf_model.h5', blob).catch((error) => error)
    expect(process.cpuUsage().user - user).toBeLessThan(1e6)
    expect(error).toBeInstanceOf(CorruptCheckpointError)
    expect(error.message).toContain(message)
    expect(error.message).toContain('"tf_model.h5" is no valid HDF5 file')
  })
})

test('a file that ends early is truncated at every byte', async () => {
  for (let length = 60; length < layouts.length; length += 997) {
    const error = await readHdf5('tf_model.h5', new Blob([layouts.subarray(0, length)])).catch(
      (error) => error,
    )
    expect(error, String(length)).toBeInstanceOf(length < 96 ? WebformersError : TruncatedFileError)
  }
})

test('what HDF5 can do and Keras does not is refused as such', async () => {
  const blob = changed((view) => view.setBigUint64(24, 512n, true))
  await expect(readHdf5('tf_model.h5', blob)).rejects.toThrow(UnsupportedCheckpointError)
  await expect(readHdf5('tf_model.h5', blob)).rejects.toThrow('begins at byte 512, after a block of its user')
})
