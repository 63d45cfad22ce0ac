import { type Dim, finish } from '@webformers/graph'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import { openTestDevice, type TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  findArchitecture,
  type Head,
  type Json,
  keptHeads,
  listNames,
  modelParameters,
  outputNames,
  ownFolders,
  type PretrainedConfig,
  type PrunedHeads,
  pruneConfig,
  prunedBlocks,
  type Stack,
  takeRanges,
  traceModel,
} from './index'
import { expectClose, tensorsIn } from './testing/fixtures'

/** Every file of every fixture, as a URL: ./bert/fixture-heads/base/config.json and its like. */
const urls = import.meta.glob<string>('./*/fixture-heads/*/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
const folders = Object.keys(urls).flatMap((path) => path.match(/^(.+)\/steps\.json$/)?.[1] ?? [])

const fetched = async (path: string) => (await fetch(urls[path]!)).blob()
const parse = async (path: string) => JSON.parse(await (await fetched(path)).text())

/** A model whose heads are pruned here, and what Python answers without them. */
async function readPruned(folder: string) {
  const json: Json = await parse(`${folder}/config.json`)
  const architecture = await findArchitecture(String(json.model_type))
  const base = architecture.heads.Model ? 'Model' : (Object.keys(architecture.heads) as Head[])[0]!
  const head = String(json.architectures).endsWith('EncoderModel') ? 'EncoderModel' : base
  const steps: PrunedHeads[] = await parse(`${folder}/steps.json`)
  const config = architecture.config(steps.reduce<Json>(pruneConfig, json))
  const whole = await tensorsIn(await fetched(`${folder}/model.safetensors`))
  const before = modelParameters(architecture, head, architecture.config(json))
  const weights = modelParameters(architecture, head, config).flatMap(
    (parameter, i): [string, PlainTensor][] => {
      const name = parameter.paths[0]!
      const tensor = whole[name]
      if (!tensor) return [] // a buffer that the checkpoint lacks
      const blocks = prunedBlocks(before[i]!, parameter)
      const bytes = blocks.reduce(
        (bytes, block) => takeRanges(bytes, tensor.shape, block),
        new Uint8Array(tensor.data.buffer),
      )
      return [[name, { dtype: 'float32', shape: [...parameter.shape], data: new Float32Array(bytes.buffer) }]]
    },
  )
  return {
    architecture,
    head,
    config,
    weights: Object.fromEntries(weights),
    whole: { config: architecture.config(json), weights: whole },
    inputs: withTypes(await tensorsIn(await fetched(`${folder}/inputs.safetensors`))),
    expected: await tensorsIn(await fetched(`${folder}/expected.safetensors`)),
  } as const
}

/** Where a caller leaves them out, Python takes zeros. */
function withTypes(inputs: PlainTensors): PlainTensors {
  const { input_ids } = inputs
  if (!input_ids) return inputs
  return { token_type_ids: { ...input_ids, data: new Int32Array(input_ids.data.length) }, ...inputs }
}

const stacks: Readonly<Record<string, Stack>> = {
  head_mask: 'encoder',
  decoder_head_mask: 'decoder',
  cross_attn_head_mask: 'cross',
  text_head_mask: 'text',
  vision_head_mask: 'vision',
  audio_head_mask: 'audio',
}

/** Ones for the heads that `config` keeps. */
function maskOf(name: string, [layers, heads]: readonly Dim[], config: PretrainedConfig): PlainTensor {
  const rows = Array.from({ length: Number(layers) }, (_, layer) => keptHeads(config, stacks[name]!, layer))
  const data = rows.flatMap((kept) =>
    Array.from({ length: Number(heads) }, (_, i) => Number(kept.includes(i))),
  )
  return { dtype: 'float32', shape: [Number(layers), Number(heads)], data: new Float32Array(data) }
}

/** These have no attention. */
const withoutHeads = ['convnext', 'mobilenet_v2', 'resnet', 'superpoint']

test('every architecture has a fixture whose heads are pruned', () => {
  const expected = ownFolders.filter((type) => !withoutHeads.includes(type))
  expect(new Set(folders.map((folder) => folder.split('/')[1]))).toEqual(new Set(expected))
})

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  const target = { device, fused: true, compute: 'float32', weights: 'float32' } as const
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openTestDevice(device)
  }, 120_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  test.each(folders)('%s agrees with transformers, with attention maps and by kernels', async (folder) => {
    const { architecture, head, config, weights, inputs, expected } = await readPruned(folder)
    const usual = outputNames(architecture, head, config)
    const states = listNames(architecture, head, config, 'hidden_states')
    const maps = listNames(architecture, head, config, 'attentions')
    for (const names of [
      [...usual, ...states, ...maps],
      [...usual, ...states],
    ]) {
      const program = finish(traceModel(architecture, head, config, names, target))
      const feeds = Object.keys(program.inputs).map((name) => [name, inputs[name]!])
      const { outputs, onCpu } = await opened.run(program, weights, Object.fromEntries(feeds))
      const wanted = Object.entries(expected).filter(([name]) => names.includes(name.split('.')[0]!))
      expectClose(outputs, Object.fromEntries(wanted))
      expect(onCpu).toEqual([])
    }
  })

  test.each(folders)('%s: the whole model with these heads masked agrees too', async (folder) => {
    const { architecture, head, config, whole, inputs, expected } = await readPruned(folder)
    const names = outputNames(architecture, head, config)
    const program = finish(traceModel(architecture, head, whole.config, names, target, { headMask: true }))
    const feeds = Object.entries(program.inputs).map(([name, { shape }]) => [
      name,
      inputs[name] ?? maskOf(name, shape, config),
    ])
    const { outputs } = await opened.run(program, whole.weights, Object.fromEntries(feeds))
    const wanted = Object.entries(expected).filter(([name]) => names.includes(name))
    expectClose(outputs, Object.fromEntries(wanted))
  })
})
