import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../checkpoint'
import { CorruptCheckpointError, UnsafeCheckpointError, UnsupportedCheckpointError } from '../../errors'
import {
  archiveOf,
  type Code,
  call,
  code,
  dictionary,
  entriesOf,
  floats,
  global,
  int,
  legacyOf,
  pickle,
  type TensorCode,
  tensor,
  text,
  tuple,
} from './testing/write-pickle'
import { type WrittenEntry, writeZip } from './testing/write-zip'

const refused = (name: string) =>
  new Blob([readFileSync(new URL(`./fixture/refused/${name}`, import.meta.url))])

/** Opens and reads everything: an error may come late. */
async function load(blob: Blob) {
  const checkpoint = await openCheckpoint({ 'a.bin': blob })
  for (const name of checkpoint.entries.keys()) await checkpoint.bytes(name)
  return checkpoint
}

type ErrorClass = abstract new (...parameters: never[]) => Error

async function expectRefusal(blob: Blob, Class: ErrorClass, message: string) {
  const error = await load(blob).then(
    () => 'it loaded',
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(Class)
  expect((error as Error).message).toContain(message)
}

describe('what torch.save wrote of objects that run code is named, and not run:', () => {
  test.each([
    ['os.system.bin', '"posix.system"'],
    ['os.system.legacy.bin', '"posix.system"'],
    ['os.system.protocol-4.bin', '"posix.system"'],
    ['builtins.eval.bin', '"__builtin__.eval"'],
    ['builtins.getattr.bin', '"__builtin__.getattr"'],
    ['torch.hub.load.bin', '"torch.hub.load"'],
    ['numpy.bin', '"numpy'],
    ['whole-module.bin', '"torch.nn.modules.linear.Linear"'],
    ['torchscript.bin', 'a TorchScript archive'],
  ])('%s', async (file, named) => {
    await expectRefusal(refused(file), UnsafeCheckpointError, named)
    await expectRefusal(refused(file), UnsafeCheckpointError, 'torch.save(model.state_dict(), path)')
  })
})

describe('what is no array of numbers is named:', () => {
  test.each([
    ['complex.bin', '"odd", a tensor of torch.complex64'],
    ['fnuz.bin', '"odd", a tensor of torch.float8_e4m3fnuz'],
    ['quantized.bin', '"odd", a quantized tensor'],
    ['quantized.legacy.bin', '"odd", a quantized tensor'],
    ['quantized-per-channel.bin', '"odd", a quantized tensor'],
    ['sparse.bin', '"odd", a sparse tensor'],
    ['meta.bin', '"odd", a tensor without numbers'],
    ['negated.bin', '"odd", a view that negates its numbers'],
    ['tensor.bin', 'holds a tensor alone, expected a dictionary of tensors'],
    ['list.bin', 'holds a list, expected a dictionary of tensors'],
  ])('%s', (file, named) => expectRefusal(refused(file), UnsupportedCheckpointError, named))
})

describe('instructions and names beyond those of tensors are refused:', () => {
  test.each<[string, Code, string]>([
    ['a call of a class of storages', call(global('torch', 'FloatStorage')), 'calls "torch.FloatStorage"'],
    ['a call of a text', call(text('os.system'), text('false')), 'calls what is no function'],
    ['attributes of a list', [...code(']'), ...code('}b')], 'sets the attributes of what is no dictionary'],
    ['INST', code('(ios\nsystem\n'), 'the instruction INST'],
    ['OBJ', [...code('('), ...global('collections', 'OrderedDict'), ...code('o')], 'the instruction OBJ'],
    ['PERSID', code('P0\n'), 'the instruction PERSID'],
    ['EXT1', [0x82, 1], 'the instruction EXT1'],
    ['a name of many levels', [...text('torch'), ...text('hub.load'), 0x93], 'names "torch.hub.load"'],
    ['an inherited name', global('constructor', 'prototype'), 'names "constructor.prototype"'],
    ['__proto__', global('torch', '__proto__'), 'names "torch.__proto__"'],
    [
      'a function of ours by another module',
      global('torch', '_rebuild_tensor_v2'),
      'names "torch._rebuild_tensor_v2"',
    ],
  ])('%s', async (_, value, message) => {
    for (const blob of [archiveOf(value), legacyOf(value)])
      await expectRefusal(blob, UnsafeCheckpointError, message)
  })

  test('a name of attributes that JavaScript gives objects is a tensor’s name like any other', async () => {
    const names = ['__proto__', 'constructor', 'toString']
    const checkpoint = await load(
      archiveOf(dictionary(Object.fromEntries(names.map((name) => [name, tensor()])))),
    )
    expect([...checkpoint.entries.keys()]).toEqual(names)
  })
})

describe('a damaged pickle is told:', { timeout: 30_000 }, () => {
  const nested = (levels: number, inner: Code): Code => [
    ...Array.from({ length: levels }, () => [...code('}'), ...text('a')]).flat(),
    ...inner,
    ...Array.from({ length: levels }, () => code('s')).flat(),
  ]
  const itself: Code = [...code('}q\0'), ...text('a'), ...code('h\0s')]
  /** Twenty lists, each of ten times the one before: 10²⁰ values. */
  const laughs: Code = [
    ...[...code('}'), ...text('a'), ...code('(]q'), 0],
    ...Array.from({ length: 20 }, (_, i) => [
      ...code(']('),
      ...Array.from({ length: 10 }, () => [...code('h'), i]).flat(),
      ...[...code('eq'), i + 1],
    ]).flat(),
    ...code('ts'),
  ]

  test.each<[string, Code, string]>([
    ['no instruction', [0xff], 'is 0xff, which is no instruction'],
    ['an empty stack', code('s'), 'finds other values than it needs'],
    ['values before a mark', code('}(s'), 'finds other values than it needs'],
    ['no mark', code('}u'), 'finds other values than it needs'],
    [
      'a key without a value',
      [...code('}('), ...text('a'), ...code('u')],
      'finds other values than it needs',
    ],
    ['an item for a tuple', code(')Na'), 'finds other values than it needs'],
    ['what was never remembered', code('h\x07'), 'asks for value 7, which is none'],
    ['a memo of four billion', [...code('Nr'), 255, 255, 255, 255], 'remembers more than 2097152 values'],
    ['a text of no UTF-8', [...code('X'), 1, 0, 0, 0, 0xc3], 'is no UTF-8'],
    ['a name without end', code(`c${'a'.repeat(2000)}`), 'has no end'],
    ['a dictionary in itself', itself, 'more than 64 levels deep, or holds itself'],
    [
      'a dictionary a hundred levels deep',
      nested(100, tensor()),
      'more than 64 levels deep, or holds itself',
    ],
    ['twenty lists of ten times each other', laughs, 'lists more than 1048576 values'],
    [
      'two tensors of one name',
      dictionary({ a: dictionary({ b: tensor() }), 'a.b': tensor() }),
      'two tensors in it are called "a.b"',
    ],
    ['a name of a megabyte', dictionary({ ['a'.repeat(2 ** 20)]: tensor() }), 'more than 1000 letters'],
    ['a storage that is none', [...tuple(text('module'), text('x')), ...code('Q')], 'that is no storage'],
    ['a storage by a number', [...code('K\x01'), ...code('Q')], 'finds other values than it needs'],
    [
      'one storage of two types',
      dictionary({ a: tensor(), b: tensor({ type: 'HalfStorage' }) }),
      'describes the storage "0" in two ways',
    ],
    [
      'one storage of two sizes',
      dictionary({ a: tensor(), b: tensor({ count: 2, shape: [2] }) }),
      'describes the storage "0" in two ways',
    ],
    [
      'a rebuild of nothing',
      call(global('torch._utils', '_rebuild_tensor_v2')),
      "given arguments that don't fit",
    ],
  ])('%s', async (_, value, message) => {
    for (const blob of [archiveOf(value), legacyOf(value)])
      await expectRefusal(blob, CorruptCheckpointError, message)
  })

  test.each([
    ['marks', '(', 'sets more than 1048576 marks'],
    ['values', 'N', 'stacks more than 1048576 values'],
    ['tuples', ')', 'more than 524288 lists and dictionaries'],
    ['dictionaries', '}', 'more than 524288 lists and dictionaries'],
  ])('thirty million %s', async (_, letter, message) => {
    const entries = [{ name: 'archive/data.pkl', data: new Uint8Array(2 ** 25).fill(letter.charCodeAt(0)) }]
    await expectRefusal(writeZip(entries), CorruptCheckpointError, message)
  })

  test('one without an end', async () => {
    const entries = [{ name: 'archive/data.pkl', data: pickle([]).slice(0, -1) }]
    await expectRefusal(writeZip(entries), CorruptCheckpointError, 'data.pkl ends before its pickle does')
  })
})

describe('a tensor that its storage does not hold is named:', () => {
  test.each<[string, TensorCode, string | RegExp]>([
    [
      'a storage larger than the file',
      { count: 2 ** 40, shape: [2 ** 40] },
      /has 16 bytes, expected 1099511627776 numbers of type float32|ends at byte 4398046511/,
    ],
    ['an end behind the storage', { offset: 1 }, 'tensor "a" ends at byte 20 of its storage, which has 16'],
    [
      'an offset behind the storage',
      { offset: 2 ** 40, shape: [1] },
      'tensor "a" ends at byte 4398046511108',
    ],
    ['a negative offset', { offset: -1 }, 'tensor "a" has offset -1'],
    ['a negative size', { shape: [-4] }, 'shape [-4]'],
    ['a negative stride', { offset: 3, strides: [-1] }, 'strides [-1]'],
    ['more strides than sizes', { strides: [1, 1] }, 'as many strides as sizes'],
    ['a size beyond 2⁵³', { shape: [2n ** 60n], strides: [0] }, 'tensor "a" has offset 0, shape [a bigint]'],
    [
      'a product of sizes beyond 2⁵³',
      { shape: [2 ** 30, 2 ** 30], strides: [0, 0] },
      'is larger than any file',
    ],
    ['size × stride beyond 2⁵³', { shape: [2, 2], strides: [2 ** 52, 1] }, 'is larger than any file'],
    ['size × stride that wraps to 0', { shape: [2], strides: [2n ** 64n] }, 'strides [a bigint]'],
    [
      'a number used a billion times',
      { shape: [2 ** 30], strides: [0] },
      'takes 4294967296 bytes by using 1 numbers several times',
    ],
    ['sixty-five axes', { shape: Array(65).fill(1), strides: Array(65).fill(1) }, 'as many strides as sizes'],
  ])('%s', async (_, description, message) => {
    const value = dictionary({ a: tensor(description) })
    for (const blob of [archiveOf(value), legacyOf(value)]) {
      const opened = load(blob)
      await expect(opened).rejects.toThrow(/^"a.bin" is (no PyTorch checkpoint|cut off)/)
      await expect(opened).rejects.toThrow(message)
    }
  })

  test('a size that is a list in itself', async () => {
    const itself: Code = [...code(']q\x05h\x05a')]
    const fixed = [
      ...tuple(text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), int(4)),
      ...code('Q'),
    ]
    const tensor = call(
      global('torch._utils', '_rebuild_tensor'),
      fixed,
      int(0),
      tuple(itself),
      tuple(int(1)),
    )
    const blob = archiveOf(dictionary({ a: tensor }))
    await expectRefusal(
      blob,
      CorruptCheckpointError,
      'tensor "a" has offset 0, shape [a object] and strides [1]',
    )
  })

  test('an empty tensor has no bytes, whatever else it says', async () => {
    const value = dictionary({
      a: tensor({ offset: 2 ** 40, shape: [2 ** 40, 0], strides: [2 ** 50, 2 ** 50] }),
    })
    const checkpoint = await load(archiveOf(value))
    expect(await checkpoint.bytes('a')).toHaveLength(0)
  })

  test('a storage that the archive lacks', () =>
    expectRefusal(
      archiveOf(dictionary({ a: tensor({ key: '../1' }) })),
      CorruptCheckpointError,
      'no entry "archive/data/../1"',
    ))

  test('a list of storages that is another', async () => {
    await expectRefusal(
      legacyOf(dictionary({ a: tensor({ key: '1' }) })),
      CorruptCheckpointError,
      'lists a storage "0" that no tensor uses',
    )
    await expectRefusal(
      legacyOf(dictionary({ a: tensor() }), floats, 5),
      CorruptCheckpointError,
      'has 5 numbers, expected 4',
    )
  })
})

describe('an archive that contradicts itself:', () => {
  const value = dictionary({ a: tensor(), b: tensor({ key: '1' }) })
  const [data, first, second] = entriesOf(value, { 0: floats, 1: floats }) as [
    WrittenEntry,
    WrittenEntry,
    WrittenEntry,
  ]
  const zip = (change: Partial<WrittenEntry>, ...more: WrittenEntry[]) =>
    writeZip([data, first, { ...second, ...change }, ...more])
  const bomb = new Uint8Array(deflateRawSync(new Uint8Array(2 ** 24)))

  test('is read where it does not', async () => {
    expect((await load(zip({}))).entries.size).toBe(2)
    const compressed = new Uint8Array(deflateRawSync(floats))
    const checkpoint = await load(zip({ data: compressed, method: 8, size: 16 }))
    expect(await checkpoint.bytes('b')).toEqual(floats)
    expect((await load(zip({ flags: 8, local: { size: 0, extra: new Uint8Array(40) } }))).entries.size).toBe(
      2,
    )
  })

  test.each<[string, Blob, string]>([
    [
      'a local header of another name',
      zip({ local: { name: 'archive/data/2' } }),
      'there is no "archive/data/1" as its directory tells',
    ],
    ['a local header of another method', zip({ local: { method: 8 } }), 'there is no "archive/data/1" as'],
    ['a local header of another size', zip({ local: { size: 17 } }), 'there is no "archive/data/1" as'],
    ['a local header that says encrypted', zip({ local: { flags: 1 } }), 'there is no "archive/data/1" as'],
    ['a local header where none is', zip({ header: 5 }), 'there is no "archive/data/1" as'],
    ['a local header behind the end', zip({ header: 2 ** 40 }), 'there is no "archive/data/1" as'],
    [
      'an entry that is another',
      zip({ name: 'archive/data/1', local: { name: 'archive/data/0' }, header: 0 }),
      'there is no',
    ],
    ['an encrypted entry', zip({ flags: 1 }), 'is encrypted or compressed by method 0'],
    ['an entry by another method', zip({ method: 12 }), 'compressed by method 12'],
    [
      'an entry longer than the archive',
      zip({ size: 2 ** 30, compressed: 2 ** 30 }),
      'there is no "archive/data/1" as',
    ],
    ['an entry of two sizes', zip({ size: 17 }), 'is stored as it is, in 16 bytes, and said to have 17'],
    ['a name twice', zip({ name: 'archive/data/0' }), 'it has "archive/data/0" twice'],
    ['a name that leads up', zip({}, { name: 'archive/../../x', data: floats }), 'which leads out of it'],
    ['a name from the root', zip({}, { name: '/etc/passwd', data: floats }), 'which leads out of it'],
    ['a name of a drive', zip({}, { name: 'C:x', data: floats }), 'which leads out of it'],
    ['a name with backslashes', zip({}, { name: '..\\x', data: floats }), 'which leads out of it'],
    [
      'two pickles',
      zip({}, { name: 'other/data.pkl', data: pickle(value) }),
      '2 entries like "archive/data.pkl"',
    ],
    ['no pickle', writeZip([first]), '0 entries like "archive/data.pkl"'],
    [
      'another byte order',
      zip({}, { name: 'archive/byteorder', data: new TextEncoder().encode('middle') }),
      'its byteorder is "middle"',
    ],
    [
      'what does not inflate',
      zip({ data: floats, method: 8 }),
      '"archive/data/1" does not inflate to 16 bytes',
    ],
    [
      'what inflates to more',
      zip({ data: bomb, method: 8, size: 16 }),
      '"archive/data/1" does not inflate to 16 bytes',
    ],
    [
      'what inflates to less',
      zip({ data: bomb, method: 8, size: 2 ** 25 }),
      `does not inflate to ${2 ** 25} bytes`,
    ],
    ['a petabyte inflated', zip({ data: bomb, method: 8, size: 2 ** 50 }), 'many times its'],
    [
      'a pickle of a gigabyte',
      writeZip([{ ...data, data: bomb, method: 8, size: 2 ** 30 }]),
      '"data.pkl" has 1073741824 bytes',
    ],
    ['a pickle of zeros', writeZip([{ ...data, data: bomb, method: 8, size: 2 ** 24 }]), 'byte 0 is 0x00'],
  ])('%s', (_, blob, message) => expectRefusal(blob, CorruptCheckpointError, message))

  test('entries that lie over each other', async () => {
    const whole = new Uint8Array(await writeZip([second]).arrayBuffer())
    const inside = whole.slice(0, 30 + second.name.length + 16) // its header and its numbers
    const pickled = dictionary({ a: tensor({ count: 15, shape: [15] }), b: tensor({ key: '1' }) })
    const [outer, around] = entriesOf(pickled, { 0: inside }) as [WrittenEntry, WrittenEntry]
    const header = [outer, around].reduce((sum, { name }) => sum + 30 + name.length, pickle(pickled).length)
    const blob = writeZip([outer, around, { ...second, header }])
    await expectRefusal(
      blob,
      CorruptCheckpointError,
      `"archive/data/1" begins at byte ${header}, before "archive/data/0" ends`,
    )
  })

  test.each<[string, (end: Record<string, number>) => Record<string, number>, string]>([
    ['counts 60,000 entries', () => ({ count: 60_000 }), 'is said to list 60000 entries'],
    ['counts fewer entries', () => ({ count: 2 }), "directory's 2 entries end at byte"],
    ['lies elsewhere', ({ begin }) => ({ begin: begin! - 1 }), 'does not end at byte'],
    ['is longer than the file', () => ({ length: 2 ** 31 }), 'does not end at byte'],
    ['goes on in another file', () => ({ disk: 1 }), 'goes on in other files'],
  ])('a directory that %s', async (_, change, message) => {
    await expectRefusal(writeZip([data, first, second], { change }), CorruptCheckpointError, message)
    await expectRefusal(
      writeZip([data, first, second], { change, zip64: true }),
      CorruptCheckpointError,
      message,
    )
  })
})

test('a version, or a key, of a hundred thousand lists in each other', async () => {
  const lists = 100_000
  const deep = code(']'.repeat(lists) + 'a'.repeat(lists - 1))
  const whole = new Uint8Array(await legacyOf(dictionary({ a: tensor() })).arrayBuffer())
  const text = Buffer.from(whole).toString('latin1')
  const replaced = (part: Uint8Array, at: number) =>
    new Blob([whole.slice(0, at), pickle(deep), whole.slice(at + part.length)])
  const version = pickle(int(1001))
  await expectRefusal(
    replaced(version, text.indexOf(Buffer.from(version).toString('latin1'))),
    CorruptCheckpointError,
    'its version is no number',
  )
  const keys = text.lastIndexOf('](')
  const inKeys = new Blob([
    whole.slice(0, keys + 2),
    new Uint8Array(deep),
    whole.slice(text.lastIndexOf('e.')),
  ])
  await expectRefusal(inKeys, CorruptCheckpointError, 'it lists a storage without a name')
})

test('what is no checkpoint at all is quoted', () =>
  expectRefusal(
    new Blob(['version https://git-lfs.github.com/spec/v1']),
    CorruptCheckpointError,
    'it begins with "version https://git-lfs.github.c", expected a zip archive or a pickle',
  ))

test('a pickle of something else is no checkpoint', () =>
  expectRefusal(
    new Blob([pickle(int(3))]),
    CorruptCheckpointError,
    'begins with another pickle than torch.save writes',
  ))
