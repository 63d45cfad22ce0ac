import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Checkpoint, openCheckpoint } from '../checkpoint'
import { CorruptCheckpointError } from '../errors'
import { pytorchVariable as ofFlax } from './flax/names'
import { pytorchVariable as ofTensorflow } from './tensorflow'

const folder = new URL('./fixture/frameworks/', import.meta.url)
const read = (path: string) => new Blob([readFileSync(new URL(path, folder))])
const open = (path: string) => openCheckpoint({ [path.split('/').at(-1)!]: read(path) })
const openShards = (name: string, change: (files: Record<string, Blob>) => void = () => {}) => {
  const files = Object.fromEntries(
    readdirSync(new URL(name, folder)).map((file) => [file, read(`${name}/${file}`)]),
  )
  change(files)
  return openCheckpoint(files)
}

/** Every tensor in full: its type, its shape, its bytes. */
async function contents(checkpoint: Checkpoint): Promise<Record<string, string>> {
  const tensors: Record<string, string> = {}
  for (const [name, { dtype, shape }] of checkpoint.entries)
    tensors[name] = `${dtype} [${shape}] ${Buffer.from(await checkpoint.bytes(name)).toString('hex')}`
  return tensors
}

// None has a tensor that another lacks: all three leave out tied heads and buffers.
describe.each([
  'bert-masked-lm',
  'bert-classification',
  'distilbert-classification',
  'gpt2-lm',
  't5-generation',
  'vit-classification',
])('%s has the names, types, shapes and bytes of its twin in PyTorch:', (name) => {
  test.each(['tf_model.h5', 'flax_model.msgpack'])('%s', async (file) => {
    const twin = await contents(await open(`${name}/model.safetensors`))
    expect(Object.keys(twin).length).toBeGreaterThan(15)
    expect(await contents(await open(`${name}/${file}`))).toEqual(twin)
  })
})

describe('larger and narrower checkpoints are the same:', () => {
  test.each([
    ['TensorFlow in shards', () => openShards('sharded-tf'), 'bert-classification/model.safetensors'],
    ['Flax in shards', () => openShards('sharded-flax'), 'bert-classification/model.safetensors'],
    ['arrays in chunks', () => open('flax-chunked.msgpack'), 'bert-classification/model.safetensors'],
    ['float16', () => open('flax-float16.msgpack'), 'float16.safetensors'],
    ['bfloat16', () => open('flax-bfloat16.msgpack'), 'bfloat16.safetensors'],
  ])('%s', async (_what, opened, twin) => {
    expect(await contents(await opened())).toEqual(await contents(await open(twin)))
  })

  test('a tensor that lies in the file as it is in PyTorch needs no decoding', async () => {
    for (const file of ['tf_model.h5', 'flax_model.msgpack']) {
      const { entries } = await open(`bert-classification/${file}`)
      expect(entries.get('bert.embeddings.word_embeddings.weight')!.decode).toBeUndefined()
      expect(entries.get('bert.pooler.dense.weight')!.decode).toBeDefined()
    }
  })

  test('an array in chunks is a file of its own to whoever mounts files', async () => {
    const { entries } = await open('flax-chunked.msgpack')
    const { file, offset } = entries.get('bert.embeddings.word_embeddings.weight')!
    expect([file, offset]).toEqual(['flax-chunked.msgpack/bert/embeddings/word_embeddings/embedding', 0])
  })
})

test("Flax's types of numbers", async () => {
  expect(await contents(await open('flax-types.msgpack'))).toEqual({
    bool: 'BOOL [3] 000101',
    int8: 'I8 [3] 000102',
    uint8: 'U8 [3] 000102',
    int16: 'I16 [3] 000001000200',
    uint16: 'U16 [3] 000001000200',
    int32: 'I32 [3] 000000000100000002000000',
    uint32: 'U32 [3] 000000000100000002000000',
    int64: 'I64 [3] 000000000000000001000000000000000200000000000000',
    uint64: 'U64 [3] 000000000000000001000000000000000200000000000000',
    float16: 'F16 [3] 0000003c0040',
    float32: 'F32 [3] 000000000000803f00000040',
    float64: 'F64 [3] 0000000000000000000000000000f03f0000000000000040',
    float8_e4m3fn: 'F8_E4M3 [3] 003840',
    float8_e5m2: 'F8_E5M2 [3] 003c40',
    step: 'F32 [] 0000003f',
    empty: 'F32 [0,3] ',
  })
})

/** What a framework calls a tensor, its shape there, the shape in PyTorch and all its names there. */
type Row = [original: string, stored: number[], shape?: number[], ...names: string[]]
type Names = Record<string, { prefix: string; tensors: Row[] }>
const namesOf = (framework: string): Names =>
  JSON.parse(readFileSync(new URL(`names-${framework}.json`, folder), 'utf8'))

describe.each([
  { framework: 'tf', variable: ofTensorflow },
  { framework: 'flax', variable: (original: string, shape: number[]) => ofFlax(original.split('/'), shape) },
])('$framework', ({ framework, variable }) => {
  /** Tensors that PyTorch has not got: a bias that it ties to another, and a pooler that it makes for base models only. */
  const others = ['predictions.decoder.bias', 'mpnet.pooler.dense.weight', 'mpnet.pooler.dense.bias']

  test.each(Object.entries(namesOf(framework)))(
    'names and shapes of %s',
    (_architecture, { prefix, tensors }) => {
      expect(tensors.length).toBeGreaterThan(10)
      for (const [original, stored, shape, ...names] of tensors) {
        const { name, shape: given } = variable(original, stored)
        if (!shape) {
          expect(others, original).toContain(name)
          continue
        }
        expect(given, original).toEqual(shape)
        // A base model is part of the others, in TensorFlow by name too.
        expect([...names, ...names.map((own) => `${prefix}.${own}`)], original).toContain(name)
      }
    },
  )
})

describe('an index is refused', () => {
  const rewrite = (index: string, shard: string) => (files: Record<string, Blob>) => {
    files[index] = new Blob([JSON.stringify({ weight_map: { 'bert/pooler/dense/kernel': shard } })])
  }
  test.each(['../flax_model.msgpack', '/etc/flax_model.msgpack', 'a\\flax_model.msgpack', 'model.h5'])(
    'that leads to %s',
    async (shard) => {
      const opened = openShards('sharded-flax', rewrite('flax_model.msgpack.index.json', shard))
      await expect(opened).rejects.toThrow(CorruptCheckpointError)
    },
  )
  test('that leads to the wrong shard', async () => {
    const opened = openShards('sharded-tf', rewrite('tf_model.h5.index.json', 'tf_model-00002-of-00006.h5'))
    await expect(opened).rejects.toThrow('which does not hold it')
  })
})
