/** @file `model.generate()`: options and inputs become a request, and what comes back Python's outputs. */
import type { Repository } from '@webformers/hub'
import { listNames, type PretrainedConfig } from '@webformers/models'
import {
  type Constraint,
  type GenerationHooks,
  type GenerationRequest,
  type GenerationSettings,
  type PlainTensors,
  type Prompt,
  type ResponseFormat,
  SequenceTooLongError,
} from '@webformers/runtime'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { ModelInputs, Value } from '../inputs'
import { type Programs, programsOf } from '../programs'
import { type Request, requestOf } from '../requests'
import type { Tensor } from '../tensor'
import { type DynamicCache, stateOf } from './cache'
import { GenerationConfig } from './configuration'
import { dolaLayers } from './dola-layers'
import { type ConfigOptions, configOf, splitOptions } from './options'
import { type GenerateOutput, matrix, outputOf } from './outputs'
import { type Prompts, promptsOf } from './prompt'
import { checkResponseFormat, finishReasons } from './response-format'
import { settingsOf } from './settings'
import { tokenBytes, tokenTexts } from './token-texts'
import { warnOnce } from './validation'

export type { GenerateOutput } from './outputs'

/** Told of tokens as they come. Like `BaseStreamer` in Python. */
export interface Streamer {
  /** The prompts' tokens at first, then new ones, one for each prompt. */
  put(tokens: Int32Array): void | Promise<void>
  end?(): void
}

/** A model that generates, as `PreTrainedModel` is. */
export interface AssistantModel {
  readonly config: PretrainedConfig
  generate(...given: never[]): Promise<unknown>
}

/** What only a call can be given. */
export interface CallOnly {
  /** Takes the place of the model's own configuration; options go before it. */
  generationConfig?: GenerationConfig
  /** Whether what `generationConfig` leaves at its default is as in the model's own. Default: as Python decides, by the version
   * that wrote that. */
  useModelDefaults?: boolean
  /** What draws are made with: equal seeds give equal texts. */
  seed?: number
  /** Changes scores before a token is chosen: [rows × vocabulary]. Several are asked in their order. */
  logitsProcessor?:
    | NonNullable<GenerationHooks['logitsProcessors']>[number]
    | GenerationHooks['logitsProcessors']
  /** Tells whether sequences are finished. */
  stoppingCriteria?: GenerationHooks['stoppingCriteria']
  /** The tokens that may follow a sequence, which goes on from one of the prompts. */
  prefixAllowedTokensFn?: (
    batchId: number,
    inputIds: Int32Array,
  ) => ArrayLike<number> | Promise<ArrayLike<number>>
  /** Told of tokens as they come. */
  streamer?: Streamer
  /** A smaller model of the same vocabulary, whose guesses this one checks several at a time: the same text, sooner. */
  assistantModel?: AssistantModel
  /** What calls before this one have read: of the prompt, only what comes after that is. */
  pastKeyValues?: DynamicCache
  /** What guidance leads away from; by default what comes without a prompt. */
  negativePromptIds?: Value
  /** The form that what is written is kept to: JSON, JSON of a schema, what a regular expression matches, or a grammar in EBNF. It is
   * whole unless `maxNewTokens` or something else ends it before; `finish_reasons` tell. Needs `tokenizer`. */
  responseFormat?: ResponseFormat
  /** Needed for `stopStrings` and `responseFormat`. */
  tokenizer?: PreTrainedTokenizer
  signal?: AbortSignal
}
export type GenerateOptions = ConfigOptions & CallOnly

type OnTokens = (tokens: Int32Array, rows: number) => void

/** The names of options that are no keys of a configuration. */
export const CALL_ONLY = [
  'generationConfig',
  'useModelDefaults',
  'seed',
  'logitsProcessor',
  'stoppingCriteria',
  'prefixAllowedTokensFn',
  'streamer',
  'assistantModel',
  'pastKeyValues',
  'negativePromptIds',
  'responseFormat',
  'tokenizer',
  'signal',
] as const satisfies readonly (keyof CallOnly)[]

const configs = new WeakMap<Repository, Promise<GenerationConfig>>()

/** How the model generates where no call says otherwise; read once. A model without a file of its own for that, such as one in a
 * GGUF file, says it in its configuration. */
export function ownConfig(
  { configured }: Pick<Programs, 'configured'>,
  repository: Repository,
): Promise<GenerationConfig> {
  const read = async () =>
    (await repository.has('generation_config.json'))
      ? GenerationConfig.fromPretrained(repository)
      : GenerationConfig.fromModelConfig({ ...configured.config })
  const known = configs.get(repository) ?? read()
  configs.set(repository, known)
  known.catch(() => configs.delete(repository))
  return known
}

/** See `ModelGeneration.generate`.
 * @param onTokens told of new tokens, one for each of so many rows; of one row, several may come at once */
export function generate(
  model: Programs,
  repository: Repository,
  inputs: ModelInputs,
  options: GenerateOptions = {},
  onTokens?: OnTokens,
): Promise<Tensor<'int32'> | GenerateOutput> {
  return model.during(begin(model, repository, inputs, options, onTokens))
}

async function begin(
  model: Programs,
  repository: Repository,
  inputs: ModelInputs,
  options: GenerateOptions,
  onTokens: OnTokens | undefined,
): Promise<Tensor<'int32'> | GenerateOutput> {
  const { values, others } = splitOptions<CallOnly>(options, CALL_ONLY)
  const { generationConfig, useModelDefaults, tokenizer, seed, signal, streamer, pastKeyValues } = others
  signal?.throwIfAborted()
  const config = configOf(await ownConfig(model, repository), values, generationConfig, useModelDefaults)
  const encodes = model.head === 'ForConditionalGeneration'
  const prompts = promptsOf(inputs, config, encodes)
  const settings = settingsOf(config, {
    promptLength: prompts.rows[0]!.length,
    values,
    isEncoderDecoder: encodes,
    maxPositionEmbeddings: longest(model.config),
    hasAttentionMask: prompts.hasAttentionMask,
    streamed: (streamer ?? onTokens) !== undefined,
    batch: prompts.rows.length,
    assisted: others.assistantModel !== undefined,
    hasTokenizer: tokenizer !== undefined,
    hasCache: pastKeyValues !== undefined,
    device: model.capabilities.device,
  })
  const formed = checkResponseFormat(others.responseFormat, settings, values, tokenizer !== undefined)
  const wanted = wantedOf(model, config, settings.mode)
  const { lists, compared, early } = wanted
  const adapted = withEarly(model.adapters?.request(requestOf({}, {})) ?? requestOf({}, {}), early)
  const decoder = await model.decoder(wanted.outputs, adapted, signal)
  const draft = others.assistantModel && (await draftOf(others.assistantModel, model, signal))
  const bounded = within(formed, decoder.program.decode.inputs.position_ids?.below, prompts)
  const request: GenerationRequest = {
    settings: bounded,
    prompts: prompts.rows,
    promptMasks: prompts.keep,
    lists,
    earlyOutputs: early.map((_, i) => `early.${i}`),
    ...(compared.length > 0 && { hiddenOutput: lastOf(decoder.program.decode.outputs, compared[0]!) }),
    seed,
    ...(prompts.encoder && { encoderInputs: prompts.encoder.rows }),
    ...(others.negativePromptIds !== undefined && {
      negativePrompts: promptsOf({ input_ids: others.negativePromptIds }, config, false).rows,
    }),
    ...(tokenizer && bounded.stop_strings.length > 0 && { tokens: await tokenTexts(tokenizer) }),
    ...(others.responseFormat && { constraint: await constraintOf(others.responseFormat, tokenizer!) }),
  }
  for (const row of streamer ? prompts.rows : []) await streamer!.put(row)
  const prompt = {
    keep: prompts.keep,
    inputs: prompts.encoder?.inputs ?? {},
    parameters: adapted.inputs as PlainTensors,
    caching: cachingOf(config, bounded),
  }
  const given = {
    hooks: hooksOf(others, onTokens && ((tokens) => onTokens(tokens, prompts.rows.length))),
    draft,
    signal,
  }
  const state = stateOf(model.policy, adapted)
  const generated = await (pastKeyValues
    ? pastKeyValues.read({ model, decoder, state }, (cache) =>
        decoder.generate(prompt, request, { ...given, cache }),
      )
    : decoder.generate(prompt, request, given))
  streamer?.end?.()
  const vocabulary = Number(decoder.program.decode.outputs.logits!.shape.at(-1))
  const reasons = finishReasons(generated.sequences, bounded, prompts.rows[0]!.length)
  return config.return_dict_in_generate
    ? outputOf(generated, vocabulary, reasons)
    : matrix(generated.sequences)
}

async function constraintOf(format: ResponseFormat, tokenizer: PreTrainedTokenizer): Promise<Constraint> {
  const { id, tokens } = await tokenBytes(tokenizer)
  return { format, tokenizer: id, tokens }
}

/** How what is read is kept. */
function cachingOf(
  { cache_implementation, prefill_chunk_size }: GenerationConfig,
  { mode, max_length }: GenerationSettings,
): NonNullable<Prompt['caching']> {
  // Python's own choice, too: these two take back what they have read.
  const whole = mode === 'assisted_generation' || mode === 'contrastive_search'
  const implementation =
    cache_implementation === 'static' ? 'static' : whole ? 'dynamic_full' : cache_implementation
  return {
    ...(implementation === 'static' || implementation === 'dynamic_full' ? { implementation } : {}),
    ...(implementation === 'static' && { maxLength: max_length }),
    ...(prefill_chunk_size !== null && { chunk: prefill_chunk_size }),
  }
}

/** What a call asks of the model. */
interface Wanted {
  readonly outputs: readonly string[]
  /** Lists that each step gives to who asked. */
  readonly lists: readonly string[]
  /** The list of hidden states that contrastive search compares; none for other searches. */
  readonly compared: readonly string[]
  /** The layers whose hidden states DoLa scores, too. */
  readonly early: readonly number[]
}

function wantedOf(
  { configured: { architecture, config: about }, head }: Programs,
  config: GenerationConfig,
  mode: GenerationSettings['mode'],
): Wanted {
  const listsOf = (kind: 'hidden_states' | 'attentions') => listNames(architecture, head, about, kind)
  const told = (asked: boolean | null) => Boolean(config.return_dict_in_generate && asked)
  const lists = [
    ...(told(config.output_hidden_states) ? listsOf('hidden_states') : []),
    ...(told(config.output_attentions) ? listsOf('attentions') : []),
  ]
  const compared =
    mode === 'contrastive_search'
      ? listsOf('hidden_states').filter((name) => !name.startsWith('encoder'))
      : []
  const early = mode === 'dola_generation' ? dolaLayers(config.dola_layers!, about) : []
  const outputs = new Set(['logits', ...lists, ...compared, ...(early.length > 0 ? ['early'] : [])])
  return { outputs: [...outputs], lists, compared, early }
}

function hooksOf(
  { logitsProcessor, stoppingCriteria, prefixAllowedTokensFn, streamer }: CallOnly,
  onTokens: GenerationHooks['onTokens'] = streamer && ((tokens) => streamer.put(tokens)),
): GenerationHooks {
  const processors = logitsProcessor === undefined ? [] : [logitsProcessor].flat()
  return {
    ...(processors.length > 0 && { logitsProcessors: processors }),
    ...(stoppingCriteria && { stoppingCriteria }),
    ...(prefixAllowedTokensFn && {
      prefixAllowedTokens: (batches, rows) =>
        Promise.all(batches.map((batch, i) => prefixAllowedTokensFn(batch, rows[i]!))),
    }),
    ...(onTokens && { onTokens }),
  }
}

/** The assistant's programs, in the worker of the model that it assists. @throws {OptionError} when it can't assist it */
async function draftOf(assistant: AssistantModel, model: Programs, signal: AbortSignal | undefined) {
  const programs = programsOf.get(assistant)
  if (!programs)
    throw new OptionError(
      'assistantModel was loaded from a graph that somebody exported. Load its original weights.',
    )
  const vocabulary = ({ config }: Programs) => (config as { vocab_size?: number }).vocab_size
  if (vocabulary(programs) !== vocabulary(model) || programs.head !== model.head)
    throw new OptionError(
      `assistantModel has ${vocabulary(programs)} tokens and is ${programs.head}, but this model has ${vocabulary(model)} and is ${model.head}. ` +
        'An assistant has the same tokens.',
    )
  return programs.decoder(['logits'], requestOf({}, {}), signal, model)
}

/** What is asked of a model when some of its hidden states are scored as well. */
const withEarly = (request: Request, early: readonly number[]): Request =>
  early.length === 0
    ? request
    : { ...request, hooks: { ...request.hooks, early }, key: `${request.key} early ${early}` }

/** The name of the last output of a list: its names are numbered. */
const lastOf = (outputs: object, list: string) =>
  Object.keys(outputs)
    .filter((name) => name.startsWith(`${list}.`))
    .at(-1)!

/** The longest text that a configuration tells of. */
const longest = (config: object): number | undefined =>
  (config as { max_position_embeddings?: number }).max_position_embeddings

/** Where a table ends, a text does. @throws {SequenceTooLongError} when the prompt is longer */
function within(
  settings: GenerationSettings,
  positions: number | undefined,
  { rows: [first] }: Prompts,
): GenerationSettings {
  if (positions === undefined || settings.max_length <= positions) return settings
  if (first!.length >= positions) throw new SequenceTooLongError('prompt', first!.length, positions - 1)
  warnOnce(
    `answers end when prompt and answer have ${positions} tokens, the most that this model can read; ${settings.max_length} were asked for.`,
  )
  return { ...settings, max_length: positions }
}
