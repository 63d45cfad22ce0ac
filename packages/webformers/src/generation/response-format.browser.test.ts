import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OptionError, ResponseFormatError } from '../all-errors'
import { type Pipeline, pipeline } from '../pipelines'
import { fixtures } from '../testing/browser'
import { hubOf } from '../testing/hub'
import type { GenerateOptions } from './call'

let write: Pipeline<'text-generation'>
beforeAll(async () => {
  write = await pipeline('text-generation', 'tiny/llama-writer', { fetch: hubOf(fixtures), cache: false })
})
afterAll(() => write.dispose())

const schema = {
  type: 'object',
  properties: { city: { enum: ['Paris', 'Lyon'] }, days: { type: 'integer', minimum: 1, maximum: 14 } },
  required: ['city', 'days'],
  additionalProperties: false,
}
const json = { type: 'json_schema', schema } as const

/** What follows a prompt, and why it ended. */
async function answer(options: GenerateOptions, prompt = 'Paris is') {
  const { model, tokenizer } = write
  const { input_ids, attention_mask } = tokenizer(prompt)
  const output = await model.generate(
    { input_ids, attention_mask },
    { tokenizer, doSample: false, maxNewTokens: 100, ...options, returnDictInGenerate: true },
  )
  const [rows = 0, length = 0] = output.sequences.shape
  const texts = Array.from({ length: rows }, (_, row) =>
    tokenizer.decode(output.sequences.data.subarray(row * length + input_ids.length, (row + 1) * length), {
      skipSpecialTokens: true,
    }),
  )
  return { texts, reasons: output.finish_reasons }
}

const meets = (text: string) => {
  const { city, days, ...rest } = JSON.parse(text)
  expect([['Paris', 'Lyon'].includes(city), days >= 1 && days <= 14, rest]).toEqual([true, true, {}])
}

describe('in the worker', () => {
  test('an answer keeps to a schema: greedy, by beams and drawn', async () => {
    for (const options of [
      {},
      { numBeams: 3, numReturnSequences: 2 },
      { doSample: true, seed: 3, numReturnSequences: 2 },
    ]) {
      const { texts, reasons } = await answer({ responseFormat: json, ...options })
      for (const text of texts) meets(text)
      expect(reasons).toEqual(texts.map(() => 'stop'))
    }
  })

  test('and to a regular expression, a grammar, an object', async () => {
    const pattern = ' (a|the) [a-z]{3,5}, \u00fc\u{1f600}\\.'
    const regex = await answer({ responseFormat: { type: 'regex', pattern } })
    expect(regex.texts[0]).toMatch(/(a|the) [a-z]{3,5}, \u00fc\u{1f600}\.$/u)
    const grammar = await answer({
      responseFormat: { type: 'grammar', grammar: 'root ::= "(" root ")" | "x"' },
      noRepeatNgramSize: 3,
    })
    expect(grammar.texts[0]).toMatch(/^\(*x\)*$/)
    const { texts } = await answer({
      responseFormat: { type: 'json_object' },
      doSample: true,
      seed: 1,
      maxNewTokens: 400,
      exponentialDecayLengthPenalty: [10, 1.1],
    })
    expect(texts[0]).toMatch(/^\s*\{/)
  })

  test('what is cut says so, and is the beginning of the whole', async () => {
    const whole = await answer({ responseFormat: json })
    const cut = await answer({ responseFormat: json, maxNewTokens: 5 })
    expect(cut.reasons).toEqual(['length'])
    expect(whole.texts[0]!.startsWith(cut.texts[0]!)).toBe(true)
  })

  test('pipelines and streams take it as well', async () => {
    const options = { responseFormat: json, doSample: false, maxNewTokens: 100 }
    const [{ generated_text }] = (await write('Call me', { ...options, returnFullText: false })) as [
      { generated_text: string },
    ]
    meets(generated_text)
    let streamed = ''
    for await (const piece of write.stream('Call me', options)) streamed += piece
    expect(JSON.parse(streamed)).toEqual(JSON.parse(generated_text))
  })

  test('what can’t be followed is told as what it is, and the model goes on', async () => {
    const refused = (responseFormat: unknown, options: GenerateOptions = {}) =>
      expect(answer({ responseFormat: responseFormat as never, ...options })).rejects
    await refused({ type: 'regex', pattern: '(' }).toThrow(ResponseFormatError)
    await refused({ type: 'json_schema', schema: { allOf: [{ type: 'null' }, { type: 'string' }] } }).toThrow(
      /No value can meet/,
    )
    await refused({ type: 'json_schema', schema: { contentEncoding: 'base64' } }).toThrow(/contentEncoding/)
    await refused(json, { minNewTokens: 90 }).toThrow(ResponseFormatError)
    meets((await answer({ responseFormat: json })).texts[0]!)
  })

  test('what makes no sense is refused before a worker hears of it', async () => {
    const refused = (responseFormat: unknown, options: GenerateOptions = {}) =>
      expect(answer({ responseFormat: responseFormat as never, ...options })).rejects
    for (const wrong of [
      'json',
      { type: 'xml' },
      { type: 'regex' },
      { type: 'grammar', grammar: 1 },
      { type: 'json_object', schema },
    ])
      await refused(wrong).toThrow(OptionError)
    await refused(json, { tokenizer: undefined }).toThrow(/tokenizer/)
    await refused(json, { eosTokenId: null }).toThrow(/eosTokenId/)
    await refused(json, { penaltyAlpha: 0.6, topK: 4 }).toThrow(/contrastive/)
    await refused(json, { forcedEosTokenId: 2 }).toThrow(/forcedEosTokenId/)
  })
})
