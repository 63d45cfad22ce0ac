import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Checkpoint, openCheckpoint } from '../../checkpoint'
import { CorruptCheckpointError, CorruptFileError, TruncatedFileError } from '../../errors'
import { readPytorch } from '.'
import truth from './fixture/tensors.json'
import { LongBlob } from './testing/long-blob'
import { archiveOf, type Code, dictionary, entriesOf, floats, legacyOf, tensor } from './testing/write-pickle'
import { writeZip } from './testing/write-zip'

const fixture = new URL('./fixture/', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, fixture))
const blobOf = (path: string) => new Blob([read(path)])
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

async function contents({ entries, bytes }: Checkpoint) {
  const tensors: [string, unknown][] = []
  for (const [name, { dtype, shape }] of entries)
    tensors.push([name, { dtype, shape: [...shape], hex: hex(await bytes(name)) }])
  return Object.fromEntries(tensors)
}

/** A Blob that keeps account of what is read of it. */
class CountingBlob extends Blob {
  readonly parts: [begin: number, end: number][] = []

  override slice(begin = 0, end = this.size, type?: string) {
    const part = super.slice(begin, end, type)
    this.parts.push([begin, begin + part.size])
    return part
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    throw new Error('the whole file is read')
  }
}

test.each(Object.entries(truth))('%s holds what torch.load reads', async (file, expected) => {
  const checkpoint = await openCheckpoint({ [file]: blobOf(file) })
  expect(await contents(checkpoint)).toEqual(expected)
})

describe.each(['bert', 'gpt2', 't5', 'vit'])('a tiny %s', (model) => {
  const tied: Record<string, string> = JSON.parse(read(`${model}/tied.json`).toString())

  test.each(['pytorch_model.bin', 'pytorch_model.legacy.bin'])(
    'is in %s what it is in model.safetensors',
    async (file) => {
      const expected = await contents(
        await openCheckpoint({ 'model.safetensors': blobOf(`${model}/model.safetensors`) }),
      )
      for (const [name, kept] of Object.entries(tied)) expected[name] = expected[kept]
      expect(Object.keys(expected).length).toBeGreaterThan(20)
      const checkpoint = await openCheckpoint({ [file]: blobOf(`${model}/${file}`) })
      expect(await contents(checkpoint)).toEqual(expected)
    },
  )
})

test('shards that save_pretrained wrote give the tensors of the whole', async () => {
  const files = readdirSync(new URL('sharded/', fixture))
  expect(files.length).toBe(3)
  const sharded = await openCheckpoint(
    Object.fromEntries(files.map((name) => [name, blobOf(`sharded/${name}`)])),
  )
  const whole = await openCheckpoint({ 'pytorch_model.bin': blobOf('bert/pytorch_model.bin') })
  expect(await contents(sharded)).toEqual(await contents(whole))
  expect(new Set([...sharded.entries.values()].map(({ file }) => file)).size).toBe(2)
})

test.each(['../up.bin', '/etc/up.bin', 'a\\b.bin', 'folder/up.bin'])(
  'an index that leads to %s is refused',
  async (shard) => {
    const index = new Blob([JSON.stringify({ weight_map: { a: shard } })])
    const opened = openCheckpoint({ 'pytorch_model.bin.index.json': index, [shard]: blobOf('types.bin') })
    await expect(opened).rejects.toThrow(CorruptCheckpointError)
  },
)

test.each(['pt', 'pth', 'ckpt'])('a file may also end with .%s', async (ending) => {
  const checkpoint = await openCheckpoint({ [`weights.${ending}`]: blobOf('tied.bin') })
  expect(await contents(checkpoint)).toEqual(truth['tied.bin'])
})

test.each(['tied.bin', 'tied.legacy.bin'])(
  'tensors that share a storage in %s are not copied',
  async (file) => {
    const { entries } = await openCheckpoint({ [file]: blobOf(file) })
    const { offset, length, blob, decode } = entries.get('embedding.weight')!
    expect(entries.get('head.weight')).toMatchObject({ offset, length })
    expect(entries.get('head.weight')!.blob).toBe(blob)
    expect(decode).toBeUndefined() // mounted as it lies
  },
)

test.each<[string, (value: Code, numbers: Uint8Array<ArrayBuffer>) => Blob]>([
  ['zip', (value, numbers) => archiveOf(value, { 0: numbers })],
  ['legacy', legacyOf],
])('no tensor is read to open a %s file', async (_, write) => {
  const count = 2 ** 20
  const whole = write(dictionary({ a: tensor({ count, shape: [count] }) }), new Uint8Array(4 * count))
  const counting = new CountingBlob([whole])
  const { entries } = await readPytorch('pytorch_model.bin', counting)
  expect(entries).toMatchObject([{ name: 'a', length: 4 * count }])
  const bytes = counting.parts.reduce((sum, [begin, end]) => sum + end - begin, 0)
  expect(bytes).toBeLessThan(4 * count * 0.1)
})

describe('archives of more than 4 GB', () => {
  const zeros = new Blob([new Uint8Array(2 ** 26)])
  const large = new LongBlob(Array.from({ length: 66 }, () => zeros)) // 4.1 GB that take up 64 MB

  test('have places beyond 32 bits', async () => {
    const count = large.size / 4
    const value = dictionary({
      large: tensor({ count, shape: [count] }),
      last: tensor({ count, offset: count - 2, shape: [2] }),
      behind: tensor({ key: '1' }),
    })
    const blob = archiveOf(value, { 0: large, 1: floats })
    const checkpoint = await openCheckpoint({ 'pytorch_model.bin': blob })
    expect(checkpoint.entries.get('large')).toMatchObject({ length: large.size })
    expect(checkpoint.entries.get('behind')!.offset).toBeGreaterThan(2 ** 32)
    expect(new Float32Array((await checkpoint.bytes('behind')).buffer)).toEqual(
      new Float32Array([1, 2, 3, 4]),
    )
    expect([...(await checkpoint.bytes('last'))]).toEqual(Array(8).fill(0))
  })

  test('of the older kind as well', async () => {
    const count = large.size / 4
    const value = dictionary({ last: tensor({ count, offset: count - 2, shape: [2] }) })
    const head = legacyOf(value, new Uint8Array(0), count)
    const blob = new LongBlob([head, large.slice(0, large.size - 8), new Blob([floats.slice(8)])])
    const checkpoint = await openCheckpoint({ 'pytorch_model.bin': blob })
    expect(new Float32Array((await checkpoint.bytes('last')).buffer)).toEqual(new Float32Array([3, 4]))
  })
})

test('what comes after the archive is its comment; 64 bits are read where they need not be', async () => {
  const entries = entriesOf(dictionary({ a: tensor() }))
  for (const options of [{ zip64: true }, { comment: 'packed again' }]) {
    const checkpoint = await openCheckpoint({ 'a.bin': writeZip(entries, options) })
    expect(await contents(checkpoint)).toEqual({ a: { dtype: 'F32', shape: [4], hex: hex(floats) } })
  }
})

test('tensors in compressed entries lie in files of their own', async () => {
  const { entries } = await openCheckpoint({ 'a.bin': blobOf('deflated-storage.bin') })
  const files = [...entries.values()].map(({ name, file }) => [name, file])
  expect(Object.fromEntries(files)).toEqual({
    'embedding.weight': 'a.bin/tied/data/0',
    'head.weight': 'a.bin/tied/data/0',
    'head.bias': 'a.bin',
  })
})

test.each(['types.bin', 'types.legacy.bin'])('%s, wherever it is cut, is no checkpoint', async (file) => {
  const whole = read(file)
  for (let length = 0; length < whole.length; length += 13) {
    const opened = openCheckpoint({ [file]: new Blob([whole.subarray(0, length)]) })
    await expect(opened).rejects.toThrow(CorruptFileError)
  }
  await expect(openCheckpoint({ [file]: new Blob([whole.subarray(0, -3)]) })).rejects.toThrow(
    TruncatedFileError,
  )
})
