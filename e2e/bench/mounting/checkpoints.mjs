/** @file Large models of random weights: as sharded safetensors for us, and as an ONNX graph over the very same files for the peer. */
import { createWriteStream } from 'node:fs'
import { access, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dist } from '../../real/build.mjs'
import { hubRoot } from '../../real/minilm.mjs'

const vocabulary = 30522
const positions = 512

/** BERTs without a pooler; sizes of their weights in fp32. */
export const models = {
  'bert-1gb': { hidden_size: 1280, num_hidden_layers: 12 }, // 1.1 GB in one file
  'bert-3gb': { hidden_size: 2048, num_hidden_layers: 14, shard: 5e8 }, // 3.1 GB in seven
}

export const original = (name) => `bench/${name}`
export const exported = (name) => `bench/${name}-onnx`

const configOf = ({ hidden_size, num_hidden_layers }) => ({
  model_type: 'bert',
  architectures: ['BertModel'],
  vocab_size: vocabulary,
  hidden_size,
  num_hidden_layers,
  num_attention_heads: hidden_size / 64,
  intermediate_size: 4 * hidden_size,
  max_position_embeddings: positions,
})

/** Put both repositories in place unless they are there. @returns the bytes of the weights */
export async function prepare(name) {
  const model = models[name]
  const [folder, onnxFolder] = [join(hubRoot, original(name)), join(hubRoot, exported(name))]
  if (!(await exists(onnxFolder))) {
    console.log(`Writing ${name} …`)
    await rm(folder, { recursive: true, force: true })
    const partial = `${onnxFolder}.partial`
    await rm(partial, { recursive: true, force: true })
    await mkdir(join(partial, 'onnx'), { recursive: true })
    await mkdir(folder, { recursive: true })
    const config = configOf(model)
    const shards = await writeShards(
      folder,
      await parametersOf(config),
      model.shard ?? Number.POSITIVE_INFINITY,
    )
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    await writeExport(partial, config, shards, folder)
    await rename(partial, onnxFolder)
  }
  const files = shardNames(await shardCount(folder))
  const sizes = await Promise.all(files.map((file) => stat(join(folder, file))))
  return sizes.reduce((sum, { size }) => sum + size, 0)
}

const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  )

async function shardCount(folder) {
  for (let count = 1; ; count++) if (await exists(join(folder, shardNames(count)[0]))) return count
}

const digits = (number) => String(number).padStart(5, '0')
const shardNames = (count) =>
  count === 1
    ? ['model.safetensors']
    : Array.from({ length: count }, (_, i) => `model-${digits(i + 1)}-of-${digits(count)}.safetensors`)

async function tracing() {
  const [{ findArchitecture }, { modelParameters, traceStandalone }, { finish }] = await Promise.all(
    ['models/index.js', 'models/trace.js', 'graph/steps.js'].map((path) => import(join(dist, path))),
  )
  return { architecture: await findArchitecture('bert'), modelParameters, traceStandalone, finish }
}

/** Names and shapes, as the library itself asks for them. */
async function parametersOf(config) {
  const { architecture, modelParameters } = await tracing()
  const all = modelParameters(architecture, 'Model', architecture.config(config))
  return all
    .map(({ paths: [name], shape }) => ({ name, shape }))
    .filter(({ name }) => !name.startsWith('pooler'))
}

const bytesOf = ({ shape }) => 4 * shape.reduce((product, size) => product * size, 1)

/** @returns for each shard its file, and where in it each tensor lies */
async function writeShards(folder, tensors, most) {
  const groups = [[]]
  let size = 0
  for (const tensor of tensors) {
    if (size > 0 && size + bytesOf(tensor) > most) {
      groups.push([])
      size = 0
    }
    groups.at(-1).push(tensor)
    size += bytesOf(tensor)
  }
  const files = shardNames(groups.length)
  const shards = []
  for (const [i, group] of groups.entries()) shards.push(await writeShard(folder, files[i], group))
  if (groups.length > 1) {
    const weight_map = Object.fromEntries(
      shards.flatMap(({ file, places }) => [...places.keys()].map((name) => [name, file])),
    )
    await writeFile(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ metadata: {}, weight_map }),
    )
  }
  return shards
}

/** The same sixteen million numbers again and again: nobody's memory can tell. */
const block = Buffer.from(Float32Array.from({ length: 2 ** 22 }, () => 0.04 * (Math.random() - 0.5)).buffer)

async function writeShard(folder, file, tensors) {
  const header = {}
  let end = 0
  for (const tensor of tensors) {
    header[tensor.name] = { dtype: 'F32', shape: tensor.shape, data_offsets: [end, end + bytesOf(tensor)] }
    end += bytesOf(tensor)
  }
  const text = JSON.stringify(header)
  const padded = text.padEnd(8 * Math.ceil(text.length / 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  const stream = createWriteStream(join(folder, file))
  stream.write(length)
  stream.write(padded)
  for (let left = end; left > 0; left -= block.length) {
    if (!stream.write(block.subarray(0, Math.min(left, block.length))))
      await new Promise((drained) => stream.once('drain', drained))
  }
  await new Promise((ended) => stream.end(ended))
  const begin = 8 + padded.length
  return {
    file,
    places: new Map(tensors.map((tensor) => [tensor.name, begin + header[tensor.name].data_offsets[0]])),
  }
}

/** The shards under the names that transformers.js gives to external data, and a graph that points into them. */
async function writeExport(target, config, shards, folder) {
  const { architecture, traceStandalone, finish } = await tracing()
  const graph = finish(
    traceStandalone(architecture, 'Model', architecture.config(config), ['last_hidden_state'], 'float32'),
  )
  const data = shards.map((_, i) => `model.onnx_data${i === 0 ? '' : `_${i}`}`)
  const initializers = graph.parameters.map(({ name, sources, dtype, shape }) => {
    const shard = shards.findIndex(({ places }) => places.has(sources[0]))
    const place = {
      location: data[shard],
      offset: shards[shard].places.get(sources[0]),
      length: bytesOf({ shape }),
    }
    return { name, dtype, shape, ...place }
  })
  const file = await graph.writeBeside(initializers).arrayBuffer()
  await writeFile(join(target, 'onnx', 'model.onnx'), new Uint8Array(file))
  for (const [i, { file: shard }] of shards.entries())
    await link(join(folder, shard), join(target, 'onnx', data[i]))
  const peer = { use_external_data_format: shards.length }
  await writeFile(join(target, 'config.json'), JSON.stringify({ ...config, 'transformers.js_config': peer }))
}
