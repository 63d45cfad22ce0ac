/** @file What only a call of `generate()` can be given, besides what a configuration has. */
import type { PretrainedConfig } from '@webformers/models'
import type { GenerationHooks, ResponseFormat } from '@webformers/runtime'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import type { Value } from '../inputs'
import type { DynamicCache } from './cache'
import type { GenerationConfig } from './configuration'
import type { ConfigOptions } from './options'

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

export type OnTokens = (tokens: Int32Array, rows: number) => void

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
