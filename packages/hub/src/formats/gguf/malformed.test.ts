import { describe, expect, test } from 'vitest'
import { CorruptCheckpointError, TruncatedFileError, UnsupportedCheckpointError } from '../../errors'
import { ggufConfig } from './config'
import { readGgufMetadata } from './metadata'
import { readGguf } from './read'

type Bytes = Uint8Array<ArrayBuffer>

const u32 = (value: number): Bytes => new Uint8Array(Uint32Array.of(value).buffer)
const u64 = (value: bigint | number): Bytes => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)
const join = (...parts: Bytes[]): Bytes => Uint8Array.from(parts.flatMap((part) => [...part]))
const text = (value: string): Bytes => join(u64(value.length), new TextEncoder().encode(value))
const [U8, U32, F32, TEXT, ARRAY] = [0, 4, 6, 8, 9]

const key = (name: string, type: number, value: Bytes): Bytes => join(text(name), u32(type), value)
const array = (type: number, count: bigint | number, values: Bytes = join()): Bytes =>
  join(u32(type), u64(count), values)
const tensor = (name: string, sizes: (bigint | number)[], type = 0, offset: bigint | number = 0): Bytes =>
  join(text(name), u32(sizes.length), ...sizes.map(u64), u32(type), u64(offset))

const LLAMA = [
  key('general.architecture', TEXT, text('llama')),
  key('llama.attention.head_count', U32, u32(2)),
  key('llama.attention.head_count_kv', U32, u32(1)),
]

interface Parts {
  keys?: Bytes[]
  tensors?: Bytes[]
  data?: number
  keyCount?: bigint | number
  tensorCount?: bigint | number
  version?: number
}

function file({ keys = LLAMA, tensors = [], data = 64, keyCount, tensorCount, version = 3 }: Parts): Blob {
  const head = join(
    u32(0x46554747),
    u32(version),
    u64(tensorCount ?? tensors.length),
    u64(keyCount ?? keys.length),
    ...keys,
    ...tensors,
  )
  return new Blob([head, new Uint8Array((32 - (head.length % 32)) % 32), new Uint8Array(data)])
}

const corrupt: [what: string, parts: Parts, message: string][] = [
  ['a key twice', { keys: [...LLAMA, LLAMA[0]!] }, 'it has the key "general.architecture" twice'],
  [
    'a tensor twice',
    { tensors: [tensor('output.weight', [8]), tensor('output.weight', [8], 0, 32)] },
    'it has the tensor "output.weight" twice',
  ],
  [
    'an unknown type of value',
    { keys: [key('a', 13, u64(0))] },
    '"a" is of type 13, expected one from 0 to 12',
  ],
  ['an unknown type in an array', { keys: [key('a', ARRAY, array(99, 0))] }, 'the array "a" is of type 99'],
  [
    'arrays in arrays without end',
    { keys: [key('a', ARRAY, join(...Array.from({ length: 50 }, () => array(ARRAY, 1)), array(U8, 0)))] },
    '"a" has arrays in arrays, more than 4 deep',
  ],
  ['a text of 2⁶³ bytes', { keys: [key('a', TEXT, u64(2n ** 63n))] }, '"a" has 9223372036854776000 bytes'],
  ['a name of 2⁶³ bytes', { keys: [u64(2n ** 63n)] }, 'the name of key 0 has 9223372036854776000 bytes'],
  ['a text that is none', { keys: [key('a', TEXT, join(u64(2), Uint8Array.of(0xc3, 0x28)))] }, 'is no UTF-8'],
  [
    '2³¹ dimensions',
    { tensors: [join(text('a'), u32(2 ** 31))] },
    'tensor "a" has 2147483648 dimensions, expected at most 4',
  ],
  ['an alignment of 0', { keys: [key('general.alignment', U32, u32(0))] }, '"general.alignment" is 0'],
  ['an alignment of 3', { keys: [key('general.alignment', U32, u32(3))] }, '"general.alignment" is 3'],
  [
    'an alignment of 2³¹',
    { keys: [key('general.alignment', U32, u32(2 ** 31))] },
    'is 2147483648, expected a power',
  ],
  [
    'an alignment that is no number',
    { keys: [key('general.alignment', F32, u32(0x7fc00000))] },
    '"general.alignment" is null, expected a power of two',
  ],
  [
    'tensors that overlap',
    { tensors: [tensor('a', [8]), tensor('b', [8], 0, 28)] },
    'tensor "b" begins at byte 252, within "a"',
  ],
  [
    'a row that no blocks make',
    { tensors: [tensor('a', [33], 2)] },
    'tensor "a" has sizes [33], which Q4_0 in blocks of 32',
  ],
  [
    'sizes whose product is lost',
    { tensors: [tensor('a', [2n ** 40n, 2n ** 40n])] },
    'has sizes [1099511627776, 1099511627776]',
  ],
  [
    'no heads',
    { keys: LLAMA.slice(0, 2).with(1, key('llama.attention.head_count', U32, u32(0))) },
    'it has 0 attention heads and 0 for keys',
  ],
  [
    'heads that differ by layer',
    { keys: [LLAMA[0]!, key('llama.attention.head_count', ARRAY, array(U32, 2, join(u32(2), u32(4))))] },
    'it has [2,4] attention heads',
  ],
  [
    'rows that are not those of heads',
    { tensors: [tensor('blk.0.attn_q.weight', [2, 6])] },
    'tensor "blk.0.attn_q.weight" has 6 rows, expected a multiple of 2 for each of 2 heads',
  ],
]

const truncated: [what: string, parts: Parts, message: string][] = [
  ['2⁶⁴ − 1 keys', { keyCount: 2n ** 64n - 1n }, 'a list of 18446744073709552000 keys and 0 tensors'],
  ['2³² tensors', { tensorCount: 2n ** 32n }, 'a list of 3 keys and 4294967296 tensors'],
  ['a text beyond the end', { keys: [key('a', TEXT, u64(4000))] }, '"a" at byte'],
  [
    '2⁶³ values',
    { keys: [key('a', ARRAY, array(U8, 2n ** 63n))] },
    'the array "a" of 9223372036854776000 values',
  ],
  ['2⁴⁰ texts', { keys: [key('a', ARRAY, array(TEXT, 2n ** 40n))] }, 'the array "a" of 1099511627776 values'],
  [
    '2⁴⁰ arrays',
    { keys: [key('a', ARRAY, array(ARRAY, 2n ** 40n))] },
    'the array "a" of 1099511627776 values',
  ],
  [
    'a text in an array beyond the end',
    { keys: [key('a', ARRAY, array(TEXT, 1, u64(4000)))] },
    'text 0 of "a" at byte',
  ],
  ['a tensor beyond the end', { tensors: [tensor('a', [8], 0, 64)] }, 'but tensor "a" ends at byte'],
  [
    'a tensor at 2⁶³',
    { tensors: [tensor('a', [8], 0, 2n ** 63n)] },
    'but tensor "a" ends at byte 9223372036854776000',
  ],
  ['a tensor of 2⁴⁰ numbers', { tensors: [tensor('a', [2n ** 40n])] }, 'but tensor "a" ends at byte'],
]

const unsupported: [what: string, parts: Parts, message: string][] = [
  ['the first version', { version: 1 }, 'is of version 1 of GGUF, expected one of 2 and 3'],
  ['a version to come', { version: 4 }, 'is of version 4 of GGUF'],
  ['a big-endian file', { version: 0x03000000 }, 'is a big-endian GGUF file'],
  [
    'another architecture',
    { keys: [key('general.architecture', TEXT, text('bert'))] },
    'is of architecture "bert"',
  ],
  [
    'an inherited name',
    { keys: [key('general.architecture', TEXT, text('toString'))] },
    'is of architecture "toString"',
  ],
  ['no architecture', { keys: [] }, 'is of architecture undefined'],
  [
    'a type that is not read',
    { tensors: [tensor('output.weight', [256], 16)] },
    'Tensor "output.weight" of "model.gguf" is of type IQ2_XXS',
  ],
  ['a type that nobody knows', { tensors: [tensor('output.weight', [256], 99)] }, 'is of type 99'],
]

describe.each([
  ['corrupt', CorruptCheckpointError, corrupt],
  ['truncated', TruncatedFileError, truncated],
  ['unsupported', UnsupportedCheckpointError, unsupported],
] as const)('%s:', (_kind, kind, cases) => {
  test.each(cases)('%s', async (_what, parts, message) => {
    const opened = readGguf('model.gguf', file(parts))
    await expect(opened).rejects.toThrow(kind)
    await expect(opened).rejects.toThrow(message)
  })
})

test('another file', async () => {
  const opened = readGguf('model.gguf', new Blob(['PK\u0003\u0004 and more than twenty-four bytes']))
  await expect(opened).rejects.toThrow('it begins with 0x04034b50, expected 0x46554747 ("GGUF")')
})

test('a file may hold no tensors, and a tensor no numbers', async () => {
  expect(await readGguf('model.gguf', file({ data: 0 }))).toEqual({ entries: [], metadata: {} })
  const { entries } = await readGguf(
    'model.gguf',
    file({ tensors: [tensor('output.weight', [0, 2])], data: 0 }),
  )
  expect(entries[0]).toMatchObject({ name: 'lm_head.weight', shape: [2, 0], length: 0 })
})

test('arrays in arrays are read as they are', async () => {
  const nested = array(ARRAY, 2, join(array(U8, 2, Uint8Array.of(1, 2)), array(TEXT, 1, text('three'))))
  const { values } = await readGgufMetadata('model.gguf', file({ keys: [key('a', ARRAY, nested)] }))
  const value = values.get('a') as { count: number; read(): Promise<unknown> }
  expect([value.count, await value.read()]).toEqual([2, [[1, 2], ['three']]])
})

test('every type of value is read', async () => {
  const bytes = (numbers: ArrayBufferView<ArrayBuffer>) => new Uint8Array(numbers.buffer)
  const keys = [
    key('u8', 0, Uint8Array.of(255)),
    key('i8', 1, Uint8Array.of(255)),
    key('u16', 2, bytes(Uint16Array.of(65535))),
    key('i16', 3, bytes(Int16Array.of(-2))),
    key('u32', 4, u32(2 ** 32 - 1)),
    key('i32', 5, bytes(Int32Array.of(-3))),
    key('f32', 6, bytes(Float32Array.of(0.1))),
    key('bool', 7, Uint8Array.of(1)),
    key('text', 8, join(u64(5), new TextEncoder().encode('Ünï'))),
    key('u64', 10, u64(2n ** 53n - 1n)),
    key('i64', 11, bytes(BigInt64Array.of(-5n))),
    key('f64', 12, bytes(Float64Array.of(0.1))),
  ]
  const { values } = await readGgufMetadata('model.gguf', file({ keys }))
  expect(Object.fromEntries(values)).toEqual({
    u8: 255,
    i8: -1,
    u16: 65535,
    i16: -2,
    u32: 2 ** 32 - 1,
    i32: -3,
    f32: Math.fround(0.1),
    bool: true,
    text: 'Ünï',
    u64: 2 ** 53 - 1,
    i64: -5,
    f64: 0.1,
  })
})

test('of a configuration, an array of one number is the number', async () => {
  const keys = LLAMA.with(1, key('llama.attention.head_count', ARRAY, array(U32, 1, u32(2))))
  const config = await ggufConfig(await readGgufMetadata('model.gguf', file({ keys })))
  expect(config).toEqual({
    model_type: 'llama',
    tie_word_embeddings: true,
    num_attention_heads: 2,
    num_key_value_heads: 1,
  })
})
