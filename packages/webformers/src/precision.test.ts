import { readFileSync } from 'node:fs'
import { type BlockType, finish } from '@webformers/graph'
import {
  blocksOf,
  findArchitecture,
  type Head,
  traceDecoding,
  traceGradients,
  traceModel,
} from '@webformers/models'
import { describe, expect, test, vi } from 'vitest'
import { OptionError } from './errors'
import { blocksIn, choiceOf, numbersOf, precisionFor } from './precision'

const read = (path: string) => readFileSync(new URL(path, import.meta.url))
const json = (model: string, file: string) =>
  JSON.parse(read(`../fixtures/blocks/${model}/${file}`).toString())
const gguf = (name: string) => new Blob([read(`../../hub/src/formats/gguf/fixture/${name}.gguf`)])

const capabilities = { fused: true, threads: 1, adapter: undefined }
const wasm = { ...capabilities, device: 'wasm', float16: false } as const
const gpu = { ...capabilities, device: 'webgpu', float16: true } as const
const plainGpu = { ...gpu, float16: false }
const none = new Map<string, BlockType>()

const models: [string, Head, string][] = [
  ['llama', 'ForCausalLM', 'logits'],
  ['gpt2', 'ForCausalLM', 'logits'],
  ['t5', 'ForConditionalGeneration', 'logits'],
]

describe.each(models)('of %s', (name, head, output) => {
  test('the matrices that are rounded are those of Python, each once', async () => {
    const config = json(name, 'config.json')
    const architecture = await findArchitecture(config.model_type)
    const full = architecture.config(config)
    const target = {
      device: 'webgpu',
      fused: true,
      ...numbersOf('q4', 'webgpu'),
      blocks: blocksOf(architecture, head, full, choiceOf('q4', none)),
    } as const
    const { encode, decode } = finish(traceDecoding(architecture, head, full, [output], target))
    for (const programs of [
      [finish(traceModel(architecture, head, full, [output], target))],
      [encode, decode],
    ]) {
      // Some lie side by side, as one.
      const parameters = programs
        .flatMap((program) => program?.parameters ?? [])
        .flatMap((entry) => entry.pieces ?? [entry])
      const whole = parameters.filter(({ transform }) => !transform).map(({ sources }) => sources[0]!)
      const quants = parameters.filter(({ name: own }) => /:Q[48]_0[.]quantsT?$/.test(own))
      const rounded = new Set(quants.map(({ sources }) => sources[0]!))
      expect([...rounded].toSorted()).toEqual(json(name, 'expected.json').blocks)
      expect(quants.filter(({ name: own }) => own.includes('Q8_0')).map(({ sources }) => sources[0])).toEqual(
        // The table, and the head that is tied to it.
        programs.flatMap((program) => (program ? [json(name, 'expected.json').vocabulary] : [])),
      )
      // What a matrix stands for is nowhere beside its blocks.
      expect(whole.filter((own) => rounded.has(own))).toEqual([])
      expect(parameters.filter(({ name: own }) => own.includes('.numbers'))).toEqual([])
    }
  })
})

test('what flows back through a matrix in blocks takes the numbers that these stand for', async () => {
  const config = json('gpt2', 'config.json')
  const architecture = await findArchitecture('gpt2')
  const full = architecture.config(config)
  const blocks = blocksOf(architecture, 'ForCausalLM', full, choiceOf('q8', none))
  const target = { device: 'webgpu', fused: true, ...numbersOf('q8', 'webgpu'), blocks } as const
  const trained = ['transformer.h.0.ln_1.weight']
  const hooks = { loss: {}, parameters: trained }
  const program = finish(traceGradients(architecture, 'ForCausalLM', full, hooks, target))
  const made = program.parameters.map(({ name }) => name).filter((name) => name.includes('c_attn.weight'))
  expect(made.toSorted()).toEqual(
    ['numbersT', 'quantsT', 'scalesT'].map((part) => `transformer.h.0.attn.c_attn.weight:Q8_0.${part}`),
  )
  const plain = finish(traceModel(architecture, 'ForCausalLM', full, ['logits'], { ...target, fused: false }))
  const rounded = plain.parameters.flatMap(({ name, transform }) => (transform ? [name.split(':')[1]] : []))
  expect([...new Set(rounded)].toSorted()).toEqual(['Q8_0.numbers', 'Q8_0.numbersT'])
})

test('half precision beside blocks: scales, and all that lies in none', async () => {
  const config = json('llama', 'config.json')
  const architecture = await findArchitecture('llama')
  const full = architecture.config(config)
  const blocks = blocksOf(architecture, 'ForCausalLM', full, choiceOf('q4f16', none))
  const target = { device: 'webgpu', fused: true, ...numbersOf('q4f16', 'webgpu'), blocks } as const
  const { parameters, outputs } = finish(traceModel(architecture, 'ForCausalLM', full, ['logits'], target))
  const types = parameters.map(
    ({ name, dtype }) => `${name.includes(':') ? name.split('.').at(-1) : 'whole'} ${dtype}`,
  )
  expect([...new Set(types)].toSorted()).toEqual(['quants uint8', 'scales float16', 'whole float16'])
  expect(outputs.logits?.dtype).toBe('float32')
})

describe('what a model is held in', () => {
  test.each([
    ['q4', wasm, 'q4'],
    ['q8', gpu, 'q8'],
    ['q4f16', gpu, 'q4f16'],
    ['q4f16', wasm, 'q4'],
    ['fp16', wasm, 'fp16'],
    [undefined, gpu, 'fp32'],
  ] as const)('%s', (asked, device, held) => {
    expect(precisionFor(asked, {}, device, none)).toBe(held)
  })

  test('a GPU without half precision goes without it, and says so', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    expect(precisionFor('q4f16', {}, plainGpu, none)).toBe('q4')
    expect(precisionFor('fp16', {}, plainGpu, none)).toBe('fp32')
    expect(warn.mock.calls.map(([message]) => message.match(/'.+'/)[0])).toEqual([
      "'q4f16' becomes 'q4'",
      "'fp16' becomes 'fp32'",
    ])
    warn.mockRestore()
  })

  test('types of exported files are none of original weights', () => {
    const asked = () => precisionFor('bnb4', {}, gpu, none)
    expect(asked).toThrow(OptionError)
    expect(asked).toThrow("take 'fp32', 'fp16', 'int8', 'q8', 'q4', 'q4f16' or 'auto'")
  })
})

describe('the blocks of a GGUF file', () => {
  const ggufFile = 'llama.gguf'
  const files = { [ggufFile]: gguf('llama') }

  test('are kept by auto on a GPU, where they are computed with', async () => {
    const stored = await blocksIn(files, { ggufFile }, 'webgpu')
    expect(stored.get('model.layers.1.self_attn.q_proj.weight')).toBe('Q4_0')
    expect(stored.get('model.layers.1.self_attn.k_proj.weight')).toBe('Q4_1')
    expect(stored.get('lm_head.weight')).toBe('Q8_0')
    expect(stored.has('model.layers.1.mlp.up_proj.weight')).toBe(false)
    expect(precisionFor('auto', {}, gpu, stored)).toBe('q8')
    expect((await blocksIn(files, { ggufFile }, 'wasm')).size).toBe(0)
    expect((await blocksIn(files, { ggufFile, dtype: 'fp32' }, 'webgpu')).size).toBe(0)
  })

  test.each([
    ['auto', ['Q4_0', 'Q4_1', 'Q8_0', undefined]],
    ['q8', ['Q4_0', 'Q4_1', 'Q8_0', 'Q8_0']],
    ['q4', ['Q4_0', 'Q4_1', 'Q8_0', 'Q4_0']],
  ] as const)('that are no larger than those of %s stay as they are', async (dtype, types) => {
    const stored = await blocksIn(files, { ggufFile, dtype }, 'webgpu')
    const config = { model_type: 'llama', hidden_size: 32, vocab_size: 64, num_attention_heads: 4 }
    const architecture = await findArchitecture('llama')
    const choose = blocksOf(architecture, 'ForCausalLM', architecture.config(config), choiceOf(dtype, stored))
    const layer = 'model.layers.0'
    const names = [
      `${layer}.self_attn.q_proj`,
      `${layer}.self_attn.k_proj`,
      'lm_head',
      `${layer}.mlp.up_proj`,
    ]
    const of = (name: string) => choose({ names: [`${name}.weight`], shape: [64, 32], table: false })
    expect(names.map(of)).toEqual(types)
  })
})
