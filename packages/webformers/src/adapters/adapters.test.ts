import { readFileSync } from 'node:fs'
import { openCheckpoint, openRepository, type SavedTensor } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import recorded from '../../fixtures/adapters/adapters.json'
import type { Programs } from '../programs'
import { countParameters } from '../surgery/parameters'
import { openModel } from '../testing/fixture-models'
import { AdapterSet } from './adapter-set'
import type { AdapterConfig } from './config'

const adapterFile = (adapter: string, file: string) =>
  new Blob([
    new Uint8Array(readFileSync(new URL(`../../fixtures/adapters/${adapter}/${file}`, import.meta.url))),
  ])
const adapterOf = (adapter: string) => ({
  'adapter_config.json': adapterFile(adapter, 'adapter_config.json'),
  'adapter_model.safetensors': adapterFile(adapter, 'adapter_model.safetensors'),
})
const noText = async () => []

/** A model whose changes are kept. */
async function modelOf(name: string) {
  const model = await openModel(name)
  const changes: SavedTensor[][] = []
  const change = async (tensors: SavedTensor[]) => void changes.push(tensors)
  const trains = (name: string) => set.trained.includes(name)
  const programs = { ...model, config: model.configured.config, change, trains } as unknown as Programs
  const set = new AdapterSet(programs)
  return { set, programs, changes }
}

/** The configuration as it is given here. */
const inCamelCase = (config: object): AdapterConfig => {
  const entries = Object.entries(config).map(([key, value]) => [
    key.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()),
    value,
  ])
  const peftType = 'num_virtual_tokens' in config ? 'PROMPT_TUNING' : 'LORA'
  return { peftType, ...Object.fromEntries(entries) }
}

async function jsonOf(blob: Blob | undefined) {
  const json = JSON.parse(await blob!.text())
  return {
    ...json,
    auto_mapping: null, // the Python class, where nobody says what the adapter is for
    ...(Array.isArray(json.target_modules) && { target_modules: json.target_modules.toSorted() }),
  }
}

const bytes = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer())

test.each(recorded.new)(
  'a new adapter of $base with $config trains as many numbers as in peft and is saved as by it',
  async ({ base, config, tensors, saved, trainable }) => {
    const { set, programs } = await modelOf(base)
    const all = countParameters(programs)
    await set.add('default', inCamelCase(config), 0, noText)
    const model = Object.assign(programs, { adapters: set })
    expect(countParameters(model, { onlyTrainable: true })).toBe(trainable)
    const added = Object.entries<readonly number[] | undefined>(tensors).map(([key, shape = []]) =>
      /lora_|prompt/.test(key) ? shape.reduce((product, dim) => product * dim) : 0,
    )
    expect(countParameters(model)).toBe(all + added.reduce((sum, size) => sum + size))
    const files = (await set.files())!
    const { entries } = await openCheckpoint({
      'adapter_model.safetensors': files['adapter_model.safetensors']!,
    })
    expect(Object.fromEntries([...entries].map(([key, { shape }]) => [key, shape]))).toEqual(tensors)
    expect(await jsonOf(files['adapter_config.json'])).toEqual({ ...saved, auto_mapping: null })
  },
)

test.each([
  ['bert', 'bert/sequence-classification'],
  ['bert-wide', 'bert/sequence-classification'],
  ['gpt2', 'gpt2/causal-lm'],
  ['t5', 't5/conditional-generation'],
  ['llama', 'llama/causal-lm'],
  ['vit', 'vit/image-classification'],
  ['prompt-bert', 'bert/sequence-classification'],
  ['prompt-t5', 't5/conditional-generation'],
])('%s comes out as it went in, to the byte', async (adapter, base) => {
  const { set } = await modelOf(base)
  const given = adapterOf(adapter)
  await set.load('any', await openRepository(given), false)
  const files = (await set.files())!
  expect(await bytes(files['adapter_model.safetensors']!)).toEqual(
    await bytes(given['adapter_model.safetensors']),
  )
  expect(await jsonOf(files['adapter_config.json'])).toEqual(await jsonOf(given['adapter_config.json']))
})

test('what was merged is taken out to the bit, the last first', async () => {
  const { set, changes } = await modelOf('bert/sequence-classification')
  await set.load('one', await openRepository(adapterOf('bert')), false)
  changes.length = 0
  await set.merge()
  expect(set.trained).toEqual([])
  expect(await set.files()).toBeUndefined()
  await set.unmerge()
  const [merged, restored] = changes
  expect(merged!.map(({ name }) => name).toSorted()).toEqual([
    'bert.encoder.layer.0.attention.self.query.weight',
    'bert.encoder.layer.0.attention.self.value.weight',
    'classifier.bias',
    'classifier.weight',
  ])
  const { files } = await openModel('bert/sequence-classification')
  const checkpoint = await openCheckpoint(files)
  for (const { name, bytes: kept } of restored!)
    expect(await bytes(kept as Blob), name).toEqual(await checkpoint.bytes(name))
  expect(await set.files()).toBeDefined()
})

describe('what does not fit', () => {
  const changed = (adapter: string, change: object) => ({
    ...adapterOf(adapter),
    'adapter_config.json': new Blob([
      JSON.stringify({
        ...JSON.parse(
          readFileSync(
            new URL(`../../fixtures/adapters/${adapter}/adapter_config.json`, import.meta.url),
            'utf8',
          ),
        ),
        ...change,
      }),
    ]),
  })

  test.each([
    [
      'of another model',
      'gpt2/causal-lm',
      adapterOf('bert'),
      /no module that \["query","value"\] means.*transformer\.h\.0\.attn\.c_attn/,
    ],
    [
      'of the same layers in another place',
      'roberta/token-classification',
      adapterOf('bert-other'),
      /lacks base_model\.model\.roberta.*has base_model\.model\.bert/s,
    ],
    [
      'of another rank',
      'bert/sequence-classification',
      changed('bert', { r: 5 }),
      /is \[4, 16\], expected \[5, 16\]/,
    ],
    ['of DoRA', 'bert/sequence-classification', changed('bert', { use_dora: true }), /use_dora = true/],
    [
      'of IA3',
      'bert/sequence-classification',
      changed('bert', { peft_type: 'IA3' }),
      /"IA3"; supported: LORA, PROMPT_TUNING/,
    ],
    [
      'of PiSSA',
      'bert/sequence-classification',
      changed('bert', { init_lora_weights: 'pissa' }),
      /init_lora_weights = "pissa"/,
    ],
    [
      'of embeddings',
      'bert/sequence-classification',
      changed('bert', { target_modules: ['word_embeddings'] }),
      /only linear layers/,
    ],
    [
      'of no rank',
      'bert/sequence-classification',
      changed('bert', { r: 0 }),
      /r is 0, expected a whole number above zero/,
    ],
    ['of tokens, for images', 'vit/image-classification', adapterOf('prompt-gpt2'), /this model reads none/],
    [
      'of tokens, for answers',
      'bert/question-answering',
      adapterOf('prompt-gpt2'),
      /not supported for ForQuestionAnswering/,
    ],
  ])('an adapter %s is refused, and the model stays as it was', async (_, base, files, message) => {
    const { set } = await modelOf(base)
    await expect(set.load('default', await openRepository(files), false)).rejects.toThrow(message)
    expect(set.size).toBe(0)
  })

  test('names that nobody has, or somebody has', async () => {
    const { set } = await modelOf('bert/sequence-classification')
    const lora = { peftType: 'LORA' } as const
    await set.add('one', lora, 0, noText)
    await expect(set.add('one', lora, 0, noText)).rejects.toThrow('There is an adapter "one" already')
    await expect(set.add('a.b', lora, 0, noText)).rejects.toThrow('without dots')
    expect(() => set.activate(['two'])).toThrow('There is no adapter "two". Loaded: one.')
    await set.add('two', lora, 0, noText)
    set.activate(['one', 'two'])
    await expect(set.files()).rejects.toThrow('only one at a time can be saved')
    await set.add('three', { ...lora, modulesToSave: ['classifier'] }, 0, noText)
    await set.add('four', { ...lora, modulesToSave: ['classifier'] }, 0, noText)
    expect(() => set.activate(['three', 'four'])).toThrow('both bring their own classifier.weight')
    await set.merge()
    await expect(set.remove(['four'])).rejects.toThrow('is merged')
    await set.add('tokens', { peftType: 'PROMPT_TUNING', numVirtualTokens: 2 }, 0, noText)
    await expect(set.merge()).rejects.toThrow("can't be merged")
  })
})
