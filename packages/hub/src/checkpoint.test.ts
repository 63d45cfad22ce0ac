import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from './checkpoint'
import { type CheckpointOptions, checkpointFiles } from './checkpoint-files'
import { CorruptCheckpointError, FileNotFoundError, MissingTensorError } from './errors'
import truth from './formats/fixture/tiny.json'
import { openRepository } from './repository'

const folder = new URL('./formats/fixture/sharded/', import.meta.url)
const shards = Object.fromEntries(
  readdirSync(folder).map((name) => [name, new Blob([readFileSync(new URL(name, folder))])]),
)
const index = 'model.safetensors.index.json'
const indexOf = (weight_map: unknown) => ({ ...shards, [index]: new Blob([JSON.stringify({ weight_map })]) })

test('shards give the tensors Python put in them', async () => {
  const checkpoint = await openCheckpoint(shards)
  expect([...checkpoint.entries.keys()].sort()).toEqual(['brain', 'double', 'embeddings.weight', 'half'])
  for (const name of checkpoint.entries.keys())
    expect(Buffer.from(await checkpoint.bytes(name)).toString('hex')).toBe(
      truth.find((tensor) => tensor.name === name)!.hex,
    )
  expect(checkpoint.entries.get('brain')!.file).toBe('model-00002-of-00002.safetensors')
})

test('a shard that is missing is named', async () => {
  const { 'model-00002-of-00002.safetensors': _, ...rest } = shards
  await expect(openCheckpoint(rest)).rejects.toThrow(FileNotFoundError)
  await expect(openCheckpoint(rest)).rejects.toThrow('names the shard "model-00002-of-00002.safetensors"')
})

test('a tensor that its shard does not hold is named', async () => {
  const opened = openCheckpoint(indexOf({ absent: 'model-00001-of-00002.safetensors' }))
  await expect(opened).rejects.toThrow(CorruptCheckpointError)
  await expect(opened).rejects.toThrow('tensor "absent" is in "model-00001-of-00002.safetensors"')
})

test.each([
  '../model.safetensors',
  '/etc/model.safetensors',
  'a\\b.safetensors',
  'https://elsewhere/model.safetensors',
  'model.bin',
  3,
])('an index that leads to %j is refused', async (place) => {
  await expect(openCheckpoint(indexOf({ half: place }))).rejects.toThrow(
    `tensor "half" is said to be in ${JSON.stringify(place)}`,
  )
})

test.each(['{', 'null', '{}', '{"weight_map": []}'])('an index of %s is refused', async (text) => {
  await expect(openCheckpoint({ [index]: new Blob([text]) })).rejects.toThrow(CorruptCheckpointError)
})

test('a tensor asked for in vain brings names that end alike', async () => {
  const checkpoint = await openCheckpoint(shards)
  await expect(checkpoint.bytes('bert.embeddings.weight')).rejects.toThrow(MissingTensorError)
  await expect(checkpoint.bytes('bert.embeddings.weight')).rejects.toThrow('among them embeddings.weight')
})

test('a whole file is taken before shards', async () => {
  const whole = new Blob(['whole'])
  expect(await checkpointFiles(await openRepository({ ...shards, 'model.safetensors': whole }))).toEqual({
    'model.safetensors': whole,
  })
})

test('shards are downloaded with a progress for each, and the totals of all', async () => {
  const steps: unknown[] = []
  const repository = await openRepository(shards)
  const files = await checkpointFiles(repository, {
    onProgress: ({ file, totals }) => steps.push([file, totals]),
  })
  expect(files).toEqual(shards)
  const size = shards[index]!.size
  const total = size + 394
  expect(steps).toEqual([
    ['model-00001-of-00002.safetensors', { files: 3, loaded: size + 208, total, rate: 0 }],
    ['model-00002-of-00002.safetensors', { files: 3, loaded: total, total, rate: 0 }],
  ])
})

describe('which checkpoint is taken:', () => {
  const all = [
    'model.safetensors',
    'model.fp16.safetensors',
    'pytorch_model.bin',
    'pytorch_model.fp16.bin',
    'tf_model.h5',
    'flax_model.msgpack',
    'tiny.gguf',
  ]
  test.each<[options: CheckpointOptions, taken: string, without?: string]>([
    [{}, 'model.safetensors'],
    [{}, 'pytorch_model.bin', 'model.safetensors'],
    [{ useSafetensors: true }, 'model.safetensors'],
    [{ useSafetensors: false }, 'pytorch_model.bin'],
    [{ variant: 'fp16' }, 'model.fp16.safetensors'],
    [{ variant: 'fp16' }, 'pytorch_model.fp16.bin', 'model.fp16.safetensors'],
    [{ fromTf: true }, 'tf_model.h5'],
    [{ fromFlax: true }, 'flax_model.msgpack'],
    [{ ggufFile: 'tiny.gguf' }, 'tiny.gguf'],
  ])('%j takes %s, without %s', async (options, taken, without) => {
    const there = all.filter((name) => name !== without)
    const repository = await openRepository(Object.fromEntries(there.map((name) => [name, new Blob([name])])))
    expect(Object.keys(await checkpointFiles(repository, options))).toEqual([taken])
  })

  test('an index in a variant is spelled as Python spells it', async () => {
    const index = new Blob(['{ "weight_map": { "a": "model.fp16-00001-of-00001.safetensors" } }'])
    const shard = 'model.fp16-00001-of-00001.safetensors'
    const repository = await openRepository({
      'model.safetensors.index.fp16.json': index,
      [shard]: new Blob(['a']),
    })
    const files = await checkpointFiles(repository, { variant: 'fp16' })
    expect(Object.keys(files)).toEqual(['model.safetensors.index.fp16.json', shard])
  })

  test('a checkpoint of another kind is named, with the option that takes it', async () => {
    const repository = await openRepository({ 'tf_model.h5': new Blob() })
    await expect(checkpointFiles(repository)).rejects.toThrow(FileNotFoundError)
    await expect(checkpointFiles(repository)).rejects.toThrow(
      'It has tf_model.h5 (load it with fromTf: true)',
    )
    await expect(checkpointFiles(await openRepository({}))).rejects.toThrow(
      'Looked for model.safetensors and model.safetensors.index.json and pytorch_model.bin',
    )
  })
})
