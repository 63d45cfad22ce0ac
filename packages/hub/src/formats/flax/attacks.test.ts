import { describe, expect, test } from 'vitest'
import { CorruptCheckpointError, TruncatedFileError } from '../../errors'
import { readFlax } from './index'

const bytesOf = (...parts: (number | string | Uint8Array)[]) =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.from([part]) : typeof part === 'string' ? Buffer.from(part) : part,
    ),
  )
const text = (value: string) => bytesOf(0xd9, value.length, value)
const u32 = (kind: number, value: number) => {
  const bytes = Buffer.alloc(5, kind)
  bytes.writeUInt32BE(value, 1)
  return bytes
}
const map = (entries: Record<string, Uint8Array>) =>
  bytesOf(
    u32(0xdf, Object.keys(entries).length),
    ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]),
  )
const list = (...values: Uint8Array[]) => bytesOf(0x90 + values.length, ...values)
const bin = (length: number) => bytesOf(u32(0xc6, length), Buffer.alloc(length))
const extension = (type: number, inner: Uint8Array) => bytesOf(u32(0xc9, inner.length), type, inner)
const number = (value: number) => bytesOf(value)
const float = (value: number) => {
  const bytes = Buffer.alloc(9, 0xcb)
  bytes.writeDoubleBE(value, 1)
  return bytes
}
/** An array as Flax packs it. */
const array = (shape: Uint8Array[], dtype = 'float32', length = 4) =>
  extension(1, list(list(...shape), text(dtype), bin(length)))
const chunked = (shape: Record<string, Uint8Array>, chunks: Record<string, Uint8Array>) =>
  map({ __msgpack_chunked_array__: bytesOf(0xc3), shape: map(shape), chunks: map(chunks) })

const refusal = async (bytes: Uint8Array) =>
  readFlax('flax_model.msgpack', new Blob([Uint8Array.from(bytes)])).catch((error) => error)

test('what these make is in order where it is right', async () => {
  const { entries } = await readFlax(
    'flax_model.msgpack',
    new Blob([
      Uint8Array.from(
        map({
          whole: array([number(1)]),
          pieces: chunked({ 0: number(2) }, { 0: array([number(1)]), 1: array([number(1)]) }),
        }),
      ),
    ]),
  )
  expect(entries.map(({ name, shape, length }) => [name, shape, length])).toEqual([
    ['whole', [1], 4],
    ['pieces', [2], 8],
  ])
})

describe('refused within a moment:', () => {
  test.each<[what: string, bytes: Uint8Array, message: string]>([
    ['no map', list(), 'it is no map of parameters'],
    ['an unknown kind', bytesOf(0xc1), 'byte 0 is 193, which begins no value'],
    ['bytes after the end', bytesOf(map({}), 0), 'ends at byte 5, expected 6'],
    ['a map of 2³² − 1 entries', bytesOf(u32(0xdf, 2 ** 32 - 1), Buffer.alloc(99, 0xc0)), 'is no text'],
    ['lists 100000 deep', Buffer.alloc(100_000, 0x91), 'values lie more than 64 deep at byte 65'],
    [
      'maps 100000 deep',
      Buffer.concat(Array.from({ length: 100_000 }, () => bytesOf(0x81, 0xa1, 'a'))),
      'more than 64 deep',
    ],
    [
      'a million values and one',
      bytesOf(u32(0xdd, 2 ** 31), Buffer.alloc(1_100_000)),
      'more than 1000000 values',
    ],
    ['a name that is a number', bytesOf(0x81, 1, array([number(1)])), 'a key at byte 1 that is no text'],
    ['a name twice', bytesOf(0x82, text('a'), 0xc0, text('a'), 0xc0), 'a key at byte 5 that is there twice'],
    ['a name of 5000 letters', bytesOf(0x81, 0xda, 0x13, 0x88, 'a'.repeat(5000), 0xc0), 'has 5000 bytes'],
    ['a parameter that is a number', map({ a: number(1) }), '"a" is a plain value, expected an array'],
    ['a complex number', map({ a: extension(2, list(float(0), float(0))) }), 'an extension of type 2'],
    ['an unknown extension', map({ a: extension(42, bin(4)) }), 'an extension of type 42'],
    ['an extension that holds no array', map({ a: extension(1, number(1)) }), 'no shape of whole numbers'],
    ['an empty extension', map({ a: extension(1, Buffer.alloc(0)) }), 'has a value of 1 bytes at byte'],
    [
      'an extension that ends within its array',
      map({ a: extension(1, array([number(1)]).subarray(6, -2)) }),
      'has a value of 4 bytes at byte',
    ],
    [
      'an extension with bytes to spare',
      map({ a: extension(1, bytesOf(list(list(number(1)), text('float32'), bin(4)), 0)) }),
      'expected',
    ],
    ['a shape of less than nothing', map({ a: array([number(0xff)]) }), 'no shape of whole numbers'],
    ['a shape of NaN', map({ a: array([float(Number.NaN)]) }), 'no shape of whole numbers'],
    ['a shape of 10³⁰⁰', map({ a: array([float(1e300)]) }), 'no shape of whole numbers'],
    ['a shape of text', map({ a: array([text('1')]) }), 'no shape of whole numbers'],
    [
      'a shape that its bytes do not fill',
      map({ a: array([u32(0xce, 2 ** 31), u32(0xce, 2 ** 31)]) }),
      'has 4 bytes, expected 18446744073709552000 for float32 [2147483648, 2147483648]',
    ],
    ['an unknown type', map({ a: array([number(1)], 'complex64', 8) }), 'has numbers of type "complex64"'],
    ['an inherited name as type', map({ a: array([number(1)], 'toString') }), 'type "toString"'],
    ['no bytes', map({ a: extension(1, list(list(), text('float32'))) }), 'has no bytes, expected 4'],
    ['chunks of no shape', map({ a: chunked({ 1: number(1) }, {}) }), 'without a shape'],
    ['no chunks', map({ a: chunked({ 0: number(1) }, {}) }), 'of no type'],
    [
      'a chunk left out',
      map({ a: chunked({ 0: number(2) }, { 0: array([number(1)]), 2: array([number(1)]) }) }),
      'without the chunks',
    ],
    [
      'chunks of two types',
      map({ a: chunked({ 0: number(2) }, { 0: array([number(1)]), 1: array([number(1)], 'int32') }) }),
      'of more than one type',
    ],
    [
      'chunks that do not fill the shape',
      map({ a: chunked({ 0: number(3) }, { 0: array([number(1)]), 1: array([number(1)]) }) }),
      'that have 8 bytes, expected 12 for F32 [3]',
    ],
    [
      'two arrays of one name',
      map({ a: map({ kernel: array([number(1)]), scale: array([number(1)]) }) }),
      'two of its arrays are "a.weight" in PyTorch',
    ],
  ])('%s', async (_what, bytes, message) => {
    const { user } = process.cpuUsage()
    const error = await refusal(bytes)
    expect(process.cpuUsage().user - user).toBeLessThan(1e6)
    expect(error).toBeInstanceOf(CorruptCheckpointError)
    expect(error.message).toContain(message)
  })

  test.each<[what: string, bytes: Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['a text of 4 GB', bytesOf(0x81, u32(0xdb, 4000))],
    ['an array of 4 GB', bytesOf(0x81, text('a'), u32(0xc9, 2 ** 32 - 1), 1, Buffer.alloc(99))],
    ['a map that is cut', map({ a: array([number(1)]) }).subarray(0, -1)],
  ])('as truncated: %s', async (_what, bytes) => {
    const error = await refusal(bytes)
    expect(error).toBeInstanceOf(TruncatedFileError)
    expect(error.message).toContain('"flax_model.msgpack" has a value of')
  })
})
