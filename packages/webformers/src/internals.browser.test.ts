import { modulePaths } from '@webformers/graph'
import { findArchitecture, type Json } from '@webformers/models'
import { describe, expect, test } from 'vitest'
import texts from '../fixtures/inner-values.json'
import senses from '../fixtures/inner-values-seen-and-heard.json'
import { UnknownPathError } from './all-errors'
import type { PreTrainedModel } from './model'
import type { Tensor } from './tensor'
import { type Digest, difference, headOf, openRecorded, readRecorded } from './testing/recorded-models'

const TOLERANCE = 1e-4

type Values = Record<string, Digest[]>
type Outputs = Record<string, Digest>
const values = { ...texts.values, ...senses.values } as unknown as Record<string, Values>
const patches = { ...texts.patches, ...senses.patches } as unknown as Record<
  string,
  Record<string, Record<'tensor' | 'function', Outputs>>
>
const masks = { ...texts.masks, ...senses.masks } as unknown as Record<string, Outputs>

/** Every module of a model that Python calls, too. */
async function pathsOf(repository: string, { config }: PreTrainedModel): Promise<string[]> {
  const { heads } = await findArchitecture(config.model_type)
  const head = await headOf(repository)
  const tree = heads[head]!(config as never)
  return [...modulePaths(tree).values()]
    .flat()
    .filter((path) => path in values[repository]! && !SCALED.test(repository + path))
}

/** Where Python lays the same numbers out otherwise, their norm is compared: heads before positions. */
const LAYOUT = /self_attn[.][qk]_norm$/

/** These scale what they look up inside of the module that does. */
const SCALED = /^(gemma3_text|m2m_100|mbart|vision-encoder-decoder).*(embed_tokens|shared)$/

/** Its windows and its prompts lie one below the other, where Python has an axis for them. */
const BELOW_EACH_OTHER = /^sam[/]/

/** A module's value is the one recorded; tables of positions have no axis for the batch here, where Python may repeat them. */
function apart(repository: string, path: string, value: Tensor, [shape, wave, norm]: Digest): number {
  if (BELOW_EACH_OTHER.test(repository)) return difference(value, [value.shape, wave, norm])
  if (LAYOUT.test(path) && String(value.shape) !== String(shape))
    return Math.abs(Math.hypot(...Array.from(value.data, Number)) - norm) / norm
  if (shape.length > value.shape.length && shape[0]! > 1) {
    const repeated = Math.hypot(...Array.from(value.data, Number)) * Math.sqrt(shape[0]!)
    return Math.abs(repeated - norm) / norm
  }
  return difference(value, [shape.slice(shape.length - value.shape.length), wave, norm])
}

const callsOf = (value: Tensor | Tensor[]) => [value].flat()

function expectOutputs(outputs: object, expected: Outputs) {
  const tensors = Object.entries(outputs) as [string, Tensor][]
  expect(tensors.length).toBeGreaterThan(0)
  for (const [name, value] of tensors)
    expect(difference(value, expected[name]!), name).toBeLessThan(TOLERANCE)
}

/** 0.5 · sin(0, 1, 2, …) */
const waves = ({ shape, data }: Tensor): Tensor<'float32'> => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from({ length: data.length }, (_, i) => 0.5 * Math.sin(i)),
})

const models = {
  wasm: Object.keys(values),
  webgpu: ['t5/conditional-generation', 'albert/groups'],
}

describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 180_000 }, (device) => {
  test.each(models[device])('%s: what each module gives is what a forward hook sees', async (repository) => {
    await using model = await openRecorded(repository, { device })
    const paths = await pathsOf(repository, model)
    expect(paths.length).toBeGreaterThan(10)
    const { captured } = await model(await readRecorded(repository, 'inputs.safetensors'), { capture: paths })
    const wrong = paths.flatMap((path) => {
      const expected = values[repository]![path]!
      const found = callsOf(captured[path]!)
      if (found.length !== expected.length)
        return [[path, `${found.length} calls instead of ${expected.length}`]]
      const errors = found.map((value, i) => apart(repository, path, value, expected[i]!))
      return Math.max(...errors) < TOLERANCE ? [] : [[path, ...errors]]
    })
    expect(wrong).toEqual([])
  })

  const patched = Object.keys(patches).filter((name) => device === 'wasm' || name === 'llama/causal-lm')
  test.each(patched)(
    '%s: other values inside of it do what a hook that gives them does',
    async (repository) => {
      await using model = await openRecorded(repository, { device })
      const inputs = await readRecorded(repository, 'inputs.safetensors')
      const cases = Object.entries(patches[repository]!).slice(0, device === 'wasm' ? undefined : 2)
      const { captured } = await model(inputs, { capture: cases.map(([path]) => path) })
      for (const [path, expected] of cases) {
        const own = callsOf(captured[path]!).map(waves)
        const call = model.patch({ [path]: (value) => value.mul(2).add(1) })
        expectOutputs(await call(inputs), expected.function)
        expectOutputs(
          await model(inputs, { patch: { [path]: own.length === 1 ? own[0]! : own } }),
          expected.tensor,
        )
      }
    },
  )
})

test.each(Object.entries(masks))('%s: masked heads', async (repository, expected) => {
  await using model = await openRecorded(repository)
  const inputs = await readRecorded(repository, 'inputs.safetensors')
  const config: Json = { ...model.config, ...(model.config.backbone_config as Json | undefined) }
  const { num_attention_heads, num_hidden_layers, num_decoder_layers } = config
  const { decoder_layers = num_decoder_layers, decoder_attention_heads = num_attention_heads } = config
  const mask = (layers: unknown, heads: unknown, kind: number) =>
    Array.from({ length: Number(layers) }, (_, layer) =>
      Array.from({ length: Number(heads) }, (_, head) => Math.cos(1 + head + 10 * layer) * (kind + 1)),
    )
  const decoders = typeof decoder_layers === 'number' && {
    decoderHeadMask: mask(decoder_layers, decoder_attention_heads, 1),
    crossAttnHeadMask: mask(decoder_layers, decoder_attention_heads, 2),
  }
  const headMask = mask(num_hidden_layers, num_attention_heads, 0)
  expectOutputs(await model(inputs, { headMask, ...decoders }), expected)
})

describe('BERT', () => {
  const path = 'encoder.layer.0.attention.self.query'

  test('paths may leave the base model out, and add up', async () => {
    await using model = await openRecorded('bert/masked-lm')
    const inputs = await readRecorded('bert/masked-lm', 'inputs.safetensors')
    const look = model.capture([path]).patch({ 'bert.embeddings': (value) => value.mul(2).add(1) })
    const { captured, ...outputs } = await look(inputs, { capture: [`bert.${path}`] })
    expect(captured[path]).toEqual(captured[`bert.${path}`])
    expectOutputs(outputs, patches['bert/masked-lm']!['bert.embeddings']!.function)
  })

  test('a path at which nothing stands is told, and the nearest', async () => {
    await using model = await openRecorded('bert/masked-lm')
    const inputs = await readRecorded('bert/masked-lm', 'inputs.safetensors')
    for (const call of [
      model.capture(['encoder.layer.0.self.query']),
      model.patch({ 'encoder.layer.0.self.query': (x) => x }),
    ])
      await expect(call(inputs)).rejects.toThrow(UnknownPathError)
    await expect(model.capture(['encoder.layer.0.attention.self.querry'])(inputs)).rejects.toThrow(
      /near it: "bert[.]encoder[.]layer/,
    )
  })
})
