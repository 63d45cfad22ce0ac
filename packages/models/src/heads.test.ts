import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { openCheckpoint } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import type { PretrainedConfig } from './configuration'
import {
  ConfigurationError,
  findArchitecture,
  type Head,
  type Json,
  keptHeads,
  type ModelParameter,
  modelParameters,
  modelTypes,
  ownFolders,
  type PrunedHeads,
  pruneConfig,
  prunedBlocks,
  takeRanges,
} from './index'

const read = (path: string) => readFileSync(new URL(path, import.meta.url))
const parse = (path: string) => JSON.parse(read(path).toString())

/** bert/fixture-heads/base and its like: those whose weights Python has pruned too. */
const fixtures = ownFolders.flatMap((type) => {
  const place = new URL(`./${type}/fixture-heads`, import.meta.url)
  return (existsSync(place) ? readdirSync(place) : []) // not every model has attention
    .map((name) => `./${type}/fixture-heads/${name}`)
    .filter((folder) => readdirSync(new URL(folder, import.meta.url)).includes('pruned.safetensors'))
})

type Weights = Record<string, { shape: readonly number[]; bytes: Uint8Array }>

async function readWeights(path: string): Promise<Weights> {
  const { entries, bytes } = await openCheckpoint({ 'model.safetensors': new Blob([read(path)]) })
  const weights = [...entries].map(async ([name, { shape }]) => [name, { shape, bytes: await bytes(name) }])
  return Object.fromEntries(await Promise.all(weights))
}

/** The weights of a model as they are once it is configured anew. */
function prune(
  weights: Weights,
  before: readonly ModelParameter[],
  after: readonly ModelParameter[],
): Weights {
  const pruned = before.map((parameter, i) => {
    const name = parameter.paths[0]!
    let { shape, bytes } = weights[name]!
    for (const block of prunedBlocks(parameter, after[i]!)) {
      bytes = takeRanges(bytes, shape, block)
      shape = after[i]!.shape
    }
    return [name, { shape, bytes }]
  })
  return Object.fromEntries(pruned)
}

test.each(fixtures)('%s: step by step and at once, the weights are those of Python', async (folder) => {
  const json: Json = parse(`${folder}/config.json`)
  const { config, ...architecture } = await findArchitecture(String(json.model_type))
  const head = String(json.architectures).endsWith('EncoderModel') ? 'EncoderModel' : 'Model'
  const parametersOf = (json: Json) => modelParameters({ config, ...architecture }, head, config(json))

  const whole = await readWeights(`${folder}/model.safetensors`)
  const expected = { ...whole, ...(await readWeights(`${folder}/pruned.safetensors`)) }
  let [current, weights] = [json, whole]
  for (const step of parse(`${folder}/steps.json`) as PrunedHeads[]) {
    const next = pruneConfig(current, step)
    weights = prune(weights, parametersOf(current), parametersOf(next))
    current = next
  }
  expect(current).toEqual(parse(`${folder}/pruned-config.json`))
  expect(weights).toEqual(expected)
  expect(prune(whole, parametersOf(json), parametersOf(current))).toEqual(weights)
})

test('a key that Python does not read does not size the heads', async () => {
  const bert = {
    model_type: 'bert',
    hidden_size: 8,
    num_attention_heads: 4,
    num_hidden_layers: 1,
    head_dim: 5,
  }
  const { shape } = await parameterOf(bert, 'encoder.layer.0.attention.self.query.weight')
  expect(shape).toEqual([8, 8])
})

test.each(modelTypes)('%s: no head missing, nothing to take', async (type) => {
  const architecture = await findArchitecture(type)
  const layer = architecture.ownStack ? `${architecture.ownStack}.0` : 0
  const config = architecture.config({ pruned_heads: { [layer]: [] } })
  const [head] = Object.keys(architecture.heads) as Head[]
  const parameters = modelParameters(architecture, head!, config)
  expect(parameters.flatMap(({ heads }) => heads)).toEqual([])
})

const decoder = { hidden_size: 12, num_attention_heads: 4, num_key_value_heads: 2, num_hidden_layers: 2 }
const parameterOf = async (json: Json, name: string) => {
  const architecture = await findArchitecture(String(json.model_type))
  const parameters = modelParameters(architecture, 'Model', architecture.config(json))
  return parameters.find(({ paths }) => paths.includes(name))!
}

describe('blocks', () => {
  test('of queries, keys and values that lie in one matrix', async () => {
    const phi3 = { model_type: 'phi3', ...decoder, head_dim: 2 }
    const name = 'layers.1.self_attn.qkv_proj.weight'
    const [before, after] = [
      await parameterOf(phi3, name),
      await parameterOf({ ...phi3, pruned_heads: { 1: [0, 1] } }, name),
    ]
    expect(before.shape).toEqual([16, 12]) // four queries, two keys, two values
    expect(after.shape).toEqual([8, 12])
    expect(prunedBlocks(before, after)).toEqual([
      {
        axis: 0,
        ranges: [
          [4, 8],
          [10, 12],
          [14, 16],
        ],
      },
    ])
  })

  test('of queries, keys and values that lie side by side, head by head', async () => {
    const neox = { model_type: 'gpt_neox', ...decoder, hidden_size: 16, rotary_pct: 0.5 }
    const name = 'layers.1.attention.query_key_value.weight'
    const [before, after] = [
      await parameterOf(neox, name),
      await parameterOf({ ...neox, pruned_heads: { 1: [1, 3] } }, name),
    ]
    expect(after.shape).toEqual([24, 16])
    expect(prunedBlocks(before, after)).toEqual([
      {
        axis: 0,
        ranges: [
          [0, 12],
          [24, 36],
        ],
      },
    ])
  })

  test('of heads that are gone do not come back', async () => {
    const bert = { model_type: 'bert', hidden_size: 8, num_attention_heads: 4, num_hidden_layers: 1 }
    const pruned = (heads: number[]) =>
      parameterOf({ ...bert, pruned_heads: { 0: heads } }, 'encoder.layer.0.attention.self.query.weight')
    const [whole, one, two] = [await pruned([]), await pruned([1]), await pruned([1, 2])]
    expect(prunedBlocks(one, two)).toEqual([
      {
        axis: 0,
        ranges: [
          [0, 2],
          [4, 6],
        ],
      },
    ])
    expect(prunedBlocks(two, two)).toEqual([])
    expect(() => prunedBlocks(two, one)).toThrow(ConfigurationError)
    expect(() => prunedBlocks(one, whole)).toThrow('heads that were pruned do not come back')
  })

  test('along the last axis come row by row', () => {
    const bytes = Uint8Array.from({ length: 12 }, (_, i) => i) // two rows of three places of two bytes
    const ranges = [
      [0, 1],
      [2, 3],
    ] as const
    expect([...takeRanges(bytes, [2, 3], { axis: 1, ranges })]).toEqual([0, 1, 4, 5, 6, 7, 10, 11])
    expect([...takeRanges(bytes, [2, 3], { axis: 0, ranges: [[1, 2]] })]).toEqual([6, 7, 8, 9, 10, 11])
  })
})

test('heads that are pruned join those that were', () => {
  expect(
    pruneConfig({ pruned_heads: { 0: [2], 1: [0] } }, { 0: [1, 2], 'encoder.3': [4, 0], 'cross.0': [1] }),
  ).toEqual({ pruned_heads: { 0: [1, 2], 1: [0], 3: [0, 4], 'cross.0': [1] } })
  expect(pruneConfig({ hidden_size: 8 }, {})).toEqual({ hidden_size: 8, pruned_heads: {} })
  const wrong = { 0: 1 } as unknown as PrunedHeads
  expect(() => pruneConfig({}, wrong)).toThrow('as { 0: [1, 2] }; got 1 for layer "0"')
})

test('the heads of an attention are found by its place among the maps', async () => {
  const configured = async (json: Json) => (await findArchitecture(String(json.model_type))).config(json)
  const bert = await configured({ model_type: 'bert', num_attention_heads: 4, pruned_heads: { 2: [1] } })
  expect(keptHeads(bert, 'encoder', 2)).toEqual([0, 2, 3])
  expect(keptHeads(bert, 'encoder', 1)).toEqual([0, 1, 2, 3])
  const pruned_heads = { 0: [0], 'encoder.1': [1], 'decoder.0': [2], 'cross.0': [3] }
  const t5 = await configured({ model_type: 't5', num_heads: 4, pruned_heads })
  expect(keptHeads(t5, 'encoder', 0)).toEqual([1, 2, 3])
  expect(keptHeads(t5, 'encoder', 1)).toEqual([0, 2, 3])
  expect(keptHeads(t5, 'decoder', 0)).toEqual([0, 1, 3])
  expect(keptHeads(t5, 'cross', 0)).toEqual([0, 1, 2])
  // Four layers in two groups of two: eight maps, of the weights 0 1 0 1 2 3 2 3.
  const albert = await configured({
    model_type: 'albert',
    num_attention_heads: 2,
    num_hidden_layers: 4,
    num_hidden_groups: 2,
    inner_group_num: 2,
    pruned_heads: { 1: [0], 2: [1] },
  })
  const kept = Array.from({ length: 8 }, (_, map) => keptHeads(albert, 'encoder', map).join())
  expect(kept).toEqual(['0,1', '1', '0,1', '1', '0', '0,1', '0', '0,1'])
  const unknown = { model_type: 'mine', pruned_heads: {} } as PretrainedConfig
  expect(() => keptHeads(unknown, 'encoder', 0)).toThrow('"mine" has no num_attention_heads')
})

const llama = { model_type: 'llama', ...decoder }
test.each<[json: Json, message: string]>([
  [
    { pruned_heads: { 12: [1] } },
    'pruned_heads of model_type "bert" names layer "12"; layers are "0" to "11"',
  ],
  [{ pruned_heads: { 'decoder.0': [1] } }, 'names layer "decoder.0"; layers are "0" to "11"'],
  [{ pruned_heads: { first: [1] } }, 'names layer "first"'],
  [{ pruned_heads: { 3: [12] } }, 'names head 12 of layer "3"; its heads are 0 to 11. It is {"3":[12]}.'],
  [{ pruned_heads: { 3: [-1] } }, 'names head -1 of layer "3"'],
  [{ pruned_heads: { 3: ['1'] } }, 'names head "1" of layer "3"'],
  [{ pruned_heads: { 3: 1 } }, 'has no list of heads for layer "3"'],
  [{ pruned_heads: [[1]] }, 'is a list; it names heads by layer, as {"0": [1, 2]}'],
  [
    { num_attention_heads: 2, pruned_heads: { 0: [1, 0] } },
    'takes all heads out of layer "0"; leave it at least one',
  ],
  [
    { model_type: 't5', num_layers: 2, num_decoder_layers: 1, pruned_heads: { 'cross.1': [0] } },
    'layers are "0" to "1", "decoder.0" to "decoder.0", "cross.0" to "cross.0"',
  ],
  [
    { model_type: 't5', num_heads: 2, pruned_heads: { 1: [0], 'encoder.1': [1] } },
    'takes all heads out of layer "1"',
  ],
  [{ model_type: 'albert', pruned_heads: { 1: [0] } }, 'names layer "1"; layers are "0" to "0"'],
  [
    { ...llama, pruned_heads: { 1: [2] } },
    'takes heads 2 out of layer "1" and leaves 3, but heads 2, 3 share their keys and values and can only go together',
  ],
  [{ ...llama, pruned_heads: { 0: [0, 1, 2, 3] } }, 'takes all heads out of layer "0"'],
])('%j is refused, and says why', async (json, message) => {
  const { config } = await findArchitecture(String(json.model_type ?? 'bert'))
  expect(() => config(json)).toThrow(ConfigurationError)
  expect(() => config(json)).toThrow(message)
})
