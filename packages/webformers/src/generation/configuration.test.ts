import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { OptionError } from '../errors'
import { recorded } from '../testing/node'
import { GenerationConfig } from './configuration'
import { configOf, optionName, splitOptions } from './options'
import { settingsOf } from './settings'
import { withoutEffect } from './validation'
import { defaults, type GenerationKey, type GenerationValues, refused } from './values'

type Values = Partial<GenerationValues>
type Failed = { error: string }
interface Call {
  readonly own: Values
  readonly given: Values | null
  readonly options: Values
  readonly prompt: number
  /** Whether the model's defaults are taken, and the version that wrote them. */
  readonly rest: readonly [(boolean | null)?, string?]
  readonly outcome:
    | Failed
    | {
        readonly mode: string
        readonly max_length: number
        readonly min_length: number
        readonly eos: number[] | null
        readonly pad: number | null
        readonly values: Values
      }
}
const truth: {
  defaults: GenerationValues
  fromModel: { config: Record<string, unknown>; values: Values }[]
  calls: Call[]
  validations: { values: Values; outcome: Failed | GenerationKey[] }[]
} = await recorded('generation-config')

const warned = vi.spyOn(console, 'warn')
beforeEach(() => {
  warned.mockImplementation(() => {})
})
afterEach(() => {
  warned.mockReset()
})

test('every key of Python has its default', () => {
  // Python leaves out the one that no file may have.
  expect({ ...new GenerationConfig() }).toEqual({ ...truth.defaults, compile_config: null })
  expect(new GenerationConfig().toDiffDict()).toEqual({})
})

test.each(truth.fromModel)('a configuration of a model gives $values', ({ config, values }) => {
  expect(GenerationConfig.fromModelConfig(config).toDiffDict()).toEqual(values)
})

const file = (json: object) => new Blob([JSON.stringify(json)])
const config = file({ model_type: 'gpt2', eos_token_id: 7, max_length: 33, vocab_size: 20, n_layer: 1 })

test('generation_config.json goes before config.json, which stands in where there is none', async () => {
  const own = file({ eos_token_id: [7, 8], max_length: 44, transformers_version: '4.40.1' })
  const both = new Map([
    ['config.json', config],
    ['generation_config.json', own],
  ])
  const found = await GenerationConfig.fromPretrained(both)
  expect(found.toDiffDict()).toEqual({ eos_token_id: [7, 8], max_length: 44 })
  expect(found.origin).toEqual({ version: '4.40.1' })
  const older = await GenerationConfig.fromPretrained(new Map([['config.json', config]]))
  expect(older.toDiffDict()).toMatchObject({ eos_token_id: 7, max_length: 33 })
  expect(older.origin).toEqual({ fromModelConfig: true })
})

const title = ({ own, given, options, prompt, rest }: Call) =>
  JSON.stringify([own, given, options, prompt, ...rest])

test.each(truth.calls.map((call) => [title(call), call] as const))(
  '%s is prepared as in Python',
  (_, call) => {
    const { own, given, options, prompt, rest, outcome } = call
    const [useModelDefaults, version] = rest
    const model = GenerationConfig.fromJson({ ...own, ...(version && { transformers_version: version }) })
    const prepared = () => {
      const config = configOf(
        model,
        options,
        given ? new GenerationConfig(given) : undefined,
        useModelDefaults ?? undefined,
      )
      const settings = settingsOf(config, {
        promptLength: prompt,
        values: options,
        maxPositionEmbeddings: 40,
      })
      const { max_length: _max, min_length: _min, ...values } = config.toDiffDict()
      return { settings, values }
    }
    if ('error' in outcome) return expect(prepared).toThrow(OptionError)
    const { settings, values } = prepared()
    expect(values).toEqual(outcome.values)
    expect(settings).toMatchObject({
      mode: outcome.mode,
      max_length: outcome.max_length,
      min_length: outcome.min_length,
      eos_token_id: outcome.eos ?? [],
      pad_token_id: outcome.pad ?? undefined,
    })
  },
)

test.each(truth.validations)('$values are found as valid as in Python', ({ values, outcome }) => {
  if ('error' in outcome) return expect(() => new GenerationConfig(values)).toThrow(OptionError)
  expect([...withoutEffect(new GenerationConfig(values)).keys()]).toEqual(outcome)
})

test('what has no effect is warned of once', () => {
  for (let i = 0; i < 2; i++) new GenerationConfig({ temperature: 0.123 })
  expect(warned.mock.calls.flat().filter((message) => message.includes('0.123'))).toEqual([
    'webformers: these options of a generation have no effect: temperature is 0.123, but only sampling reads it: set do_sample to true.',
  ])
})

test.each<[object, string]>([
  [{ max_tokens: 3 }, 'GenerationConfig has no "max_tokens". Did you mean "max_new_tokens"?'],
  [{ top_k: 2.5 }, 'top_k is 2.5, expected a whole number from 0 on.'],
  [{ top_p: 1.5 }, 'top_p is 1.5, expected a number from 0 to 1.'],
  [{ bad_words_ids: [3] }, 'bad_words_ids is [3], expected a list of lists of token ids'],
  [{ sequence_bias: [[[], 1]] }, 'expected a list of [tokens, bias]'],
  [{ stop_strings: '' }, 'expected a text or a list of texts, none of them empty'],
  [
    { force_words_ids: [[1]] },
    "force_words_ids can't be acted on here: beams can be constrained by prefixAllowedTokensFn",
  ],
])('%j is refused', (values, message) => {
  expect(() => new GenerationConfig(values)).toThrow(OptionError)
  expect(() => new GenerationConfig(values)).toThrow(message)
})

test('options are keys in camelCase, or arguments of the call', () => {
  const options = { maxNewTokens: 5, topP: undefined, doSample: true, noRepeatNgramSize: 2, seed: 3 }
  expect(splitOptions<{ seed?: number }>(options, ['seed'])).toEqual({
    values: { max_new_tokens: 5, do_sample: true, no_repeat_ngram_size: 2 },
    others: { seed: 3 },
  })
})

test.each<[object, string]>([
  [{ max_new_tokens: 5 }, 'generate() has no option "max_new_tokens". Did you mean "maxNewTokens"?'],
  [{ topp: 0.5 }, 'Did you mean "topP"?'],
  [{ sead: 1 }, 'Did you mean "seed"?'],
  [{ topK: -1 }, 'topK is -1, expected a whole number from 0 on.'],
  [{ tokenHealing: true }, "tokenHealing can't be acted on here"],
])('the option %j is refused', (options, message) => {
  expect(() => splitOptions<{ seed?: number }>(options, ['seed'])).toThrow(OptionError)
  expect(() => splitOptions<{ seed?: number }>(options, ['seed'])).toThrow(message)
})

test.each(Object.keys(refused) as GenerationKey[])('%s may have its default', (key) => {
  expect(splitOptions({ [optionName(key)]: defaults[key] }, []).values).toEqual({ [key]: defaults[key] })
})

test('a file is not refused for what no tab can act on, and keeps what nothing reads', () => {
  const config = GenerationConfig.fromJson({ token_healing: true, lang_to_id: { '<|en|>': 3 }, top_k: 4 })
  expect(config.token_healing).toBe(false)
  expect(config.toDiffDict()).toEqual({ top_k: 4, lang_to_id: { '<|en|>': 3 } })
  expect(warned.mock.calls.flat().join()).toContain(
    "token_healing of this model's generation configuration is left out",
  )
})

const context = { promptLength: 3 }
test.each<[Values, object, string]>([
  [{ num_beams: 2 }, { streamed: true }, "Beams can't be streamed"],
  [
    { num_beams: 2, prompt_lookup_num_tokens: 3 },
    {},
    'assisted_generation goes with greedy search and with sampling',
  ],
  [{}, { assisted: true, batch: 2 }, 'takes one prompt at a time, got 2'],
  [{ guidance_scale: 2 }, { assisted: true }, 'guidanceScale does not go with assisted generation'],
  [
    { return_dict_in_generate: true, output_attentions: true },
    { assisted: true },
    'outputHiddenStates and outputAttentions do not go with assisted generation',
  ],
  [
    { num_beams: 4, num_beam_groups: 2, guidance_scale: 2 },
    {},
    'guidanceScale does not go with groups of beams',
  ],
  [{ num_beams: 4, num_beam_groups: 2 }, {}, 'diversityPenalty is 0'],
  [
    { num_beams: 4, num_beam_groups: 3, diversity_penalty: 1 },
    {},
    "numBeams (4) can't be divided into 3 groups",
  ],
  [{ do_sample: true, temperature: 0 }, {}, 'For greedy search set doSample to false'],
  [{ stop_strings: 'a' }, {}, "give the model's tokenizer as the option tokenizer"],
  [
    { dola_layers: 'low' },
    { isEncoderDecoder: true, hasTokenizer: true },
    'decoderStartTokenId or bosTokenId',
  ],
  [{ exponential_decay_length_penalty: [1, 2] }, {}, 'there is no eosTokenId'],
  [{ max_length: null }, {}, 'maxLength is null'],
  [
    { cache_implementation: 'offloaded' },
    { values: { cache_implementation: 'offloaded' } },
    'cacheImplementation is "offloaded", but there is one memory for all layers',
  ],
  [
    { cache_implementation: 'quantized' },
    { values: { cache_implementation: 'quantized' } },
    'cacheImplementation is "quantized", but keys and values are kept as they were computed',
  ],
  [
    { cache_implementation: 'static' },
    { values: { cache_implementation: 'static' }, hasCache: true },
    'cacheImplementation is "static", but pastKeyValues is a cache already',
  ],
  [{ watermarking_config: { ngram_len: 5 } as object }, {}, "SynthID's watermark is not written here"],
])('%j with %j is refused', (values, rest, message) => {
  const settings = () => settingsOf(new GenerationConfig(values), { ...context, ...rest })
  expect(settings).toThrow(OptionError)
  expect(settings).toThrow(message)
})
