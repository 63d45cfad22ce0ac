import { openRepository } from '@webformers/hub'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { readConfiguration } from '../configuration'
import type { GenerateOptions } from '../generation/call'
import { GenerationConfig } from '../generation/configuration'
import type { PreTrainedModel } from '../model'
import { type Tensor, toList } from '../tensor'
import { hubOf } from '../testing/hub'
import { fixtures, recorded } from '../testing/node'
import { openTokenizer } from '../testing/recorded'
import { type Pipeline, pipeline, type Task, type TranslationOptions } from './index'

interface Recorded {
  readonly configurations: readonly { task: Task; model: string; own: object; config: object }[]
}
const { configurations } = (await recorded('writing')) as Recorded
const hub = { fetch: hubOf(fixtures), cache: false }

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {}) // lengths that mean nothing are warned of, as in Python
})

type Inputs = { input_ids: Tensor; attention_mask: Tensor }
interface Asked {
  readonly inputs: Inputs
  readonly options: GenerateOptions
}

/** A pipeline whose model writes what it is told to, and remembers what it was asked. */
async function open<T extends Task>(
  task: T,
  name: string,
  { own = {}, answers = [[2]] }: { own?: object; answers?: readonly (readonly number[])[] } = {},
): Promise<{ run: Pipeline<T>; asked: Asked[] }> {
  const { config } = await readConfiguration(await openRepository(name, hub))
  const asked: Asked[] = []
  const generate = async (inputs: Inputs, options: GenerateOptions): Promise<Tensor<'int32'>> => {
    asked.push({ inputs, options })
    const rows = toList<number[][]>(inputs.input_ids)
    const sequences = rows.flatMap((row) => answers.map((answer) => [...row, ...answer]))
    const data = Int32Array.from(sequences.flat())
    return { dtype: 'int32', shape: [sequences.length, sequences[0]!.length], data }
  }
  const model = Object.assign((() => {}) as unknown as PreTrainedModel, {
    config,
    generate,
    getGenerationConfig: async () => GenerationConfig.fromJson(own as never),
  })
  return { run: await pipeline(task, model, { tokenizer: await openTokenizer(name, hub.fetch) }), asked }
}

test.each(configurations)(
  '$task by a model of $own generates as in Python',
  async ({ task, model, own, config }) => {
    const { run, asked } = await open(task, model, { own })
    await (run as Pipeline<'text-generation'>)('Paris is')
    const { generationConfig, useModelDefaults } = asked[0]!.options
    expect(generationConfig!.toDiffDict()).toEqual(config)
    expect(useModelDefaults).toBeUndefined() // Python completes it once more where the file is new enough
  },
)

test('who asks for no draws hears nothing of a temperature', async () => {
  const { run, asked } = await open('text-generation', 'tiny/llama-writer')
  await run('Paris is', { doSample: false })
  expect(asked[0]!.options.generationConfig!.toDiffDict()).toMatchObject({ max_new_tokens: 256 })
  expect(asked[0]!.options.generationConfig!.temperature).toBe(1)
})

test('a configuration that is given takes the place of all that', async () => {
  const { run, asked } = await open('text-generation', 'tiny/llama-writer')
  const generationConfig = new GenerationConfig({ max_new_tokens: 3 })
  await run('Paris is', { generationConfig, topK: 5 })
  expect(asked[0]!.options).toMatchObject({ generationConfig, topK: 5 })
})

test('a batch is padded on the left, whatever the tokenizer does, and no answer shows it', async () => {
  const { run, asked } = await open('text-generation', 'tiny/llama-writer', {
    own: { eos_token_id: 2 },
    answers: [
      [5, 2, 2],
      [6, 7, 2],
    ],
  })
  expect(run.tokenizer.paddingSide).toBe('right')
  const texts = ['Paris is', 'Alice was beginning to get very tired.']
  const found = await run(texts, { batchSize: 2, returnTensors: true, numReturnSequences: 2, doSample: true })
  const { input_ids, attention_mask } = asked[0]!.inputs
  const [first, second] = texts.map((text) => run.tokenizer.encode(text)) as [number[], number[]]
  const padding = second.length - first.length
  expect(padding).toBeGreaterThan(0)
  expect(toList<number[][]>(input_ids)[0]!.slice(padding)).toEqual(first)
  expect(toList<number[][]>(attention_mask)[0]).toEqual([
    ...Array(padding).fill(0),
    ...Array(first.length).fill(1),
  ])
  expect(found[0]!.map((each) => each.generated_token_ids)).toEqual([
    [...first, 5, 2, 2],
    [...first, 6, 7, 2],
  ])
})

test.each([
  ['translation_en_to_ro', 'tiny/m2m-languages', {}, ['__en__', '</s>'], '__ro__'],
  ['translation', 'tiny/m2m-languages', { srcLang: 'zh', tgtLang: 'de' }, ['__zh__', '</s>'], '__de__'],
  [
    'translation',
    'tiny/nllb-languages',
    { srcLang: 'deu_Latn', tgtLang: 'fra_Latn' },
    ['deu_Latn', '</s>'],
    'fra_Latn',
  ],
  ['translation', 'tiny/mbart-languages', { srcLang: 'de_DE', tgtLang: 'ro_RO' }, ['</s>', 'de_DE'], 'ro_RO'],
] as const)(
  '%s by %s with %j: %j stand around the text, %s begins the answer',
  async (task, model, options, around, first) => {
    const { run, asked } = await open(task as 'translation', model)
    await run('Paris is', options as TranslationOptions)
    const [ids] = toList<number[][]>(asked[0]!.inputs.input_ids)
    const special = new Set<string | undefined>(run.tokenizer.allSpecialTokens)
    expect(run.tokenizer.convertIdsToTokens(ids!).filter((token) => special.has(token))).toEqual(around)
    expect(asked[0]!.options.forcedBosTokenId).toBe(run.tokenizer.convertTokensToIds(first))
  },
)

test('an empty prompt begins as texts do', async () => {
  const { run, asked } = await open('text-generation', 'tiny/llama-writer', { own: { bos_token_id: 1 } })
  await run('', { addSpecialTokens: false })
  expect(toList(asked[0]!.inputs.input_ids)).toEqual([[1]])
  const without = await open('text-generation', 'tiny/llama-writer')
  await expect(without.run('', { addSpecialTokens: false })).rejects.toThrow(/The prompt is empty/)
})

describe('a chat with tools', () => {
  const user = { role: 'user', content: 'Weather in Oslo?' }
  const tools = [{ type: 'function', function: { name: 'weather', description: '', parameters: {} } }]
  const weather = { type: 'function', function: { name: 'weather', arguments: { city: 'Oslo' } } }
  const said = '{"name": "weather", "arguments": {"city": "Oslo"}}'

  /** @param marks that become special tokens, which texts do not show */
  async function answering(text: string, template: string, marks: string[] = []) {
    const { tokenizer } = (await open('text-generation', 'tiny/llama-writer')).run
    tokenizer.addTokens(marks, { specialTokens: true })
    const answer = tokenizer.encode(text, { addSpecialTokens: false })
    const { run } = await open('text-generation', 'tiny/llama-writer', { answers: [[...answer, 2]] })
    run.tokenizer.addTokens(marks, { specialTokens: true })
    run.tokenizer.chatTemplate = template
    return run
  }
  const template = '{{ tools | tojson }}<tool_call>{% for m in messages %}{{ m.content }}{% endfor %}'

  test('has calls instead of their text', async () => {
    const run = await answering(`I look.<tool_call>${said}</tool_call>`, template)
    expect(await run([user], { tools })).toEqual([
      { generated_text: [user, { role: 'assistant', content: 'I look.', tool_calls: [weather] }] },
    ])
    const [{ generated_text }] = (await run([user])) as [{ generated_text: object[] }]
    expect(generated_text[1]).toEqual({
      role: 'assistant',
      content: ` I look.<tool_call>${said}</tool_call>`,
    })
  })

  test('has calls whose marks are special tokens', async () => {
    const run = await answering(`[TOOL_CALLS][${said}]`, '[TOOL_CALLS]{{ messages[0].content }}', [
      '[TOOL_CALLS]',
    ])
    expect((await run([user], { tools }))[0]!.generated_text[1]).toMatchObject({
      content: '',
      tool_calls: [weather],
    })
  })

  test('keeps an answer that calls nothing as it is', async () => {
    const run = await answering('It rains.', template)
    expect((await run([user], { tools }))[0]!.generated_text[1]).toEqual({
      role: 'assistant',
      content: ' It rains.',
    })
  })

  test('goes on with a call that was begun', async () => {
    const run = await answering(`${said}</tool_call>`, template)
    const begun = { role: 'assistant', content: '<tool_call>' }
    expect(await run([user, begun], { tools })).toEqual([
      { generated_text: [user, { role: 'assistant', content: '', tool_calls: [weather] }] },
    ])
  })
})
