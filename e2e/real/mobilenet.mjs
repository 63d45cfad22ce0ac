/**
 * @file Lays out the MobileNetV2 1.4 of npm's nsfwjs as a repository of Transformers under `.cache/hub`, and its own runtime beside
 * it. `node e2e/real/mobilenet.mjs` does it by hand.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { hubRoot } from './minilm.mjs'
import { npm, prepareFolder, withPackage } from './tokenizers-packages.mjs'

export const mobilenetRepository = 'images/nsfwjs-mobilenet-v2'
/** Where the runtime lies inside of the repository. */
export const runtimeFolder = 'tfjs'

const source = npm('nsfwjs@4.3.0', '4496790efc9bdc6f3e85a826a8e482c1fa1e9db4b3d18c095e98cc0c73cfb12f')
/** The model as tfjs keeps it: its graph, and its weights in pieces. */
const shards = ['group1-shard1of2.min.js', 'group1-shard2of2.min.js']
const labels = ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy']
const EPSILON = 0.001

/** @returns {Promise<string>} the folder with the repository's files */
export const prepareMobileNet = () =>
  prepareFolder(join(hubRoot, mobilenetRepository), (folder) =>
    withPackage(source, async (unpacked) => {
      const model = join(unpacked, 'dist/models/mobilenet_v2_mid')
      const { weightsManifest } = await exported(join(model, 'model.min.js'))
      const pieces = await Promise.all(shards.map((shard) => exported(join(model, shard))))
      const bytes = Buffer.concat(pieces.map((text) => Buffer.from(text, 'base64')))
      const variables = readVariables(weightsManifest, bytes)
      await writeFile(join(folder, 'model.safetensors'), safetensors(tensorsOf(variables)))
      await writeFile(join(folder, 'config.json'), JSON.stringify(config, null, 2))
      await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor, null, 2))
      const runtime = join(folder, runtimeFolder)
      await mkdir(runtime)
      await copyFile(join(unpacked, 'dist/browser/nsfwjs.min.js'), join(runtime, 'nsfwjs.min.js'))
      for (const file of ['model.min.js', ...shards]) await copyFile(join(model, file), join(runtime, file))
    }),
  )

/** What a script of the package gives to who requires it. */
async function exported(file) {
  const module = { exports: {} }
  runInNewContext(await readFile(file, 'utf8'), { module, exports: module.exports })
  return module.exports
}

/** Numbers by name: each is a byte that stands for a place between the least and the greatest of its tensor. */
function readVariables(manifest, bytes) {
  const variables = new Map()
  let at = 0
  for (const { name, shape, quantization } of manifest.flatMap(({ weights }) => weights)) {
    if (quantization?.dtype !== 'uint8')
      throw new Error(`${name} is not kept in bytes, which is all that is read here.`)
    const count = shape.reduce((product, dim) => product * dim, 1)
    const { min, scale } = quantization
    const data = Float32Array.from(bytes.subarray(at, at + count), (byte) => byte * scale + min)
    variables.set(name.replace(/^.*[/]predict[/]/, ''), { shape, data })
    at += count
  }
  if (at !== bytes.length)
    throw new Error(`The weights have ${bytes.length} bytes, the graph speaks of ${at}.`)
  return variables
}

/** A layer of TensorFlow's, and where Transformers has it. */
function layers() {
  const places = [
    ['Conv/Conv2D', 'conv_stem.first_conv'],
    ['expanded_conv/depthwise/depthwise', 'conv_stem.conv_3x3'],
    ['expanded_conv/project/Conv2D', 'conv_stem.reduce_1x1'],
    ['Conv_1/Conv2D', 'conv_1x1'],
  ]
  for (let layer = 0; layer < 16; layer++) {
    const from = `expanded_conv_${layer + 1}`
    places.push(
      [`${from}/expand/Conv2D`, `layer.${layer}.expand_1x1`],
      [`${from}/depthwise/depthwise`, `layer.${layer}.conv_3x3`],
      [`${from}/project/Conv2D`, `layer.${layer}.reduce_1x1`],
    )
  }
  return places
}

/** The norms have gone into the convolutions; what they add is left of them. */
function tensorsOf(variables) {
  const tensors = {}
  const take = (name) => {
    const found = variables.get(name)
    if (!found) throw new Error(`The graph has no ${name}. It has: ${[...variables.keys()].join(', ')}.`)
    variables.delete(name)
    return found
  }
  for (const [from, to] of layers()) {
    const kernel = take(`MobilenetV2/${from}_weights`)
    const { shape, data } = take(`MobilenetV2/${from}_bn_offset`)
    const all = (value) => ({ shape, data: new Float32Array(data.length).fill(value) })
    const norm = `mobilenet_v2.${to}.normalization`
    const order = from.includes('depthwise') ? [2, 3, 0, 1] : [3, 2, 0, 1]
    tensors[`mobilenet_v2.${to}.convolution.weight`] = transposed(kernel, order)
    tensors[`${norm}.weight`] = all(1)
    tensors[`${norm}.bias`] = { shape, data }
    tensors[`${norm}.running_mean`] = all(0)
    tensors[`${norm}.running_var`] = all(1 - EPSILON)
  }
  const [[kernel], [bias]] = [2, 1].map((rank) =>
    [...variables.keys()].filter((name) => variables.get(name).shape.length === rank),
  )
  tensors['classifier.weight'] = transposed(take(kernel), [1, 0])
  tensors['classifier.bias'] = take(bias)
  const left = [...variables.keys()].filter((name) => !name.startsWith('hub_input/')) // how pixels are scaled
  if (left.length > 0) throw new Error(`Nothing is known of ${left.join(', ')}.`)
  return tensors
}

function transposed({ shape, data }, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, dim) => product * dim, 1))
  const turned = order.map((axis) => shape[axis])
  const result = new Float32Array(data.length)
  for (let i = 0; i < result.length; i++) {
    let [rest, from] = [i, 0]
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += (rest % turned[axis]) * strides[order[axis]]
      rest = Math.floor(rest / turned[axis])
    }
    result[i] = data[from]
  }
  return { shape: turned, data: result }
}

function safetensors(tensors) {
  const header = { __metadata__: { format: 'pt' } }
  let offset = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const json = JSON.stringify(header)
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([size, text, ...Object.values(tensors).map(({ data }) => Buffer.from(data.buffer))])
}

const config = {
  architectures: ['MobileNetV2ForImageClassification'],
  model_type: 'mobilenet_v2',
  depth_multiplier: 1.4,
  image_size: 224,
  layer_norm_eps: EPSILON,
  tf_padding: true,
  finegrained_output: true,
  first_layer_is_expansion: true,
  hidden_act: 'relu6',
  id2label: Object.fromEntries(labels.entries()),
  label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
}

const preprocessor = {
  image_processor_type: 'MobileNetV2ImageProcessor',
  do_resize: true,
  size: { height: 224, width: 224 },
  resample: 2,
  do_center_crop: false,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`${mobilenetRepository} lies in ${await prepareMobileNet()}`)
