/** @file The options of `generate()` that only models of speech have, and what becomes of them and of the model's own file. */
import type { Json, PretrainedConfig } from '@webformers/models'
import { OptionError } from '../../errors'
import type { Programs } from '../../programs'
import type { CallOnly } from '../call'
import type { GenerationConfig } from '../configuration'
import type { ConfigOptions } from '../options'

/** What only models of speech are asked. By Python's names in camelCase. */
export interface SpeechOptions {
  /** Also write when each segment begins and ends, as tokens; sounds longer than a segment need it, and get it. */
  returnTimestamps?: boolean
  /** `'translate'` writes English. Default: what the model's `generation_config.json` says, else `'transcribe'` where a language is given;
   * a model that is told no task may repeat itself. */
  task?: 'transcribe' | 'translate'
  /** The language that is spoken, as `'en'`, `'english'` or `'<|en|>'`, one or one for each sound. Default: it is found. */
  language?: string | readonly string[]
  isMultilingual?: boolean
  /** Tokens of a text that goes before what is said, as a processor's `getPromptIds` gives them: names, a style. */
  promptIds?: ArrayLike<number>
  /** Whether the prompt goes before the first segment or before all. */
  promptConditionType?: 'first-segment' | 'all-segments'
  /** Whether each segment is told what the one before said. */
  conditionOnPrevTokens?: boolean
  /** How tokens are drawn; 0 takes the likeliest. Of several, the next is tried where a segment fails at a threshold. */
  temperature?: number | readonly number[] | null
  /** A segment that can be compressed by more than this repeats itself, and is tried again. */
  compressionRatioThreshold?: number
  /** A segment whose tokens are less likely than this on average, as a logarithm, is tried again. */
  logprobThreshold?: number
  /** A segment that is likelier than this to be silence, and fails at `logprobThreshold`, is left out. */
  noSpeechThreshold?: number
  /** Also give `token_timestamps`: when each token begins, in seconds. */
  returnTokenTimestamps?: boolean
  /** How many frames of each sound are no padding, for `token_timestamps`; `attention_mask` tells it, too. */
  numFrames?: number | readonly number[]
  /** Also give `segments`. */
  returnSegments?: boolean
  /** Seconds between two tokens that stand for times. */
  timePrecision?: number
  /** Seconds between two frames of a spectrogram. */
  timePrecisionFeatures?: number
  /** Give what the first call of the model gives, what it begins with and ends with included. */
  forceUniqueGenerateCall?: boolean
  /** Told before each segment how many frames of each sound are done, and how many there are. */
  monitorProgress?: (progress: readonly (readonly [done: number, frames: number])[]) => void
}
export type SpeechGenerateOptions = Omit<ConfigOptions, 'temperature'> & CallOnly & SpeechOptions

/** The names of the options that are no keys of a configuration. */
export const SPEECH_ONLY = [
  'returnTimestamps',
  'task',
  'language',
  'isMultilingual',
  'promptIds',
  'promptConditionType',
  'conditionOnPrevTokens',
  'compressionRatioThreshold',
  'logprobThreshold',
  'noSpeechThreshold',
  'returnTokenTimestamps',
  'numFrames',
  'returnSegments',
  'timePrecision',
  'timePrecisionFeatures',
  'forceUniqueGenerateCall',
  'monitorProgress',
] as const satisfies readonly (keyof SpeechOptions)[]

/** What a `generation_config.json` of Whisper says besides what all of them do. */
interface OwnKeys {
  readonly lang_to_id?: Readonly<Record<string, number>>
  readonly task_to_id?: Readonly<Record<string, number>>
  readonly is_multilingual?: boolean
  readonly no_timestamps_token_id?: number
  readonly alignment_heads?: readonly (readonly [layer: number, head: number])[]
  readonly max_initial_timestamp_index?: number | null
  readonly forced_decoder_ids?: readonly (readonly [place: number, token: number | null])[] | null
  readonly prev_sot_token_id?: number
  readonly language?: string | null
  readonly task?: string | null
  readonly return_timestamps?: boolean | null
  readonly compression_ratio_threshold?: number | null
  readonly logprob_threshold?: number | null
  readonly no_speech_threshold?: number | null
  readonly condition_on_prev_tokens?: boolean | null
}

/** Python's names of what a model of speech is told, options before the model's own file. */
export interface SpeechSettings {
  readonly own: OwnKeys
  readonly language: string | readonly string[] | undefined
  readonly task: string | undefined
  readonly return_timestamps: boolean
  /** The first token that stands for a time. */
  readonly timestamp_begin: number
  readonly prompt_ids: readonly number[] | undefined
  readonly prompt_condition_type: 'first-segment' | 'all-segments'
  readonly condition_on_prev_tokens: boolean
  readonly temperatures: readonly (number | null | undefined)[]
  readonly compression_ratio_threshold: number | undefined
  readonly logprob_threshold: number | undefined
  readonly no_speech_threshold: number | undefined
  readonly time_precision: number
  readonly time_precision_features: number
  readonly max_source_positions: number
  readonly max_target_positions: number
  readonly median_filter_width: number
}

interface SpeechModelConfig extends PretrainedConfig {
  readonly vocab_size: number
  readonly max_source_positions: number
  readonly max_target_positions: number
  readonly median_filter_width: number
}

/** @throws {OptionError} when an option does not go with the model or with the others */
export function speechSettings(
  options: SpeechOptions,
  { extra }: GenerationConfig,
  { configured }: Programs,
  isShortForm: boolean,
): SpeechSettings {
  const config = configured.config as unknown as SpeechModelConfig & Json
  const { forced_decoder_ids } = config as OwnKeys
  const own: OwnKeys = { ...(forced_decoder_ids && { forced_decoder_ids }), ...extra }
  const { promptIds, temperature, language = own.language, task = own.task } = options
  if (
    !(options.isMultilingual ?? own.is_multilingual ?? true) &&
    (options.task ?? options.language) !== undefined
  )
    throw new OptionError(
      'This model only knows English: task and language say nothing to it. Leave them out, or set isMultilingual to true.',
    )
  expectKey(own, 'lang_to_id', options.language !== undefined, 'language')
  expectKey(own, 'task_to_id', options.task !== undefined, 'task')
  expectKey(own, 'alignment_heads', options.returnTokenTimestamps === true, 'returnTokenTimestamps')
  const condition_on_prev_tokens = options.conditionOnPrevTokens ?? own.condition_on_prev_tokens ?? false
  const prompt_condition_type = options.promptConditionType ?? 'first-segment'
  if (prompt_condition_type === 'all-segments' && !condition_on_prev_tokens)
    throw new OptionError(
      'promptConditionType is "all-segments", which needs conditionOnPrevTokens: set it to true.',
    )
  return {
    own,
    language: language ?? undefined,
    task: task ?? undefined,
    ...timestampsOf(options, own, config, isShortForm),
    prompt_ids: promptIds && Array.from(promptIds),
    prompt_condition_type,
    condition_on_prev_tokens,
    temperatures: Array.isArray(temperature) ? temperature : [temperature as number | null | undefined],
    compression_ratio_threshold:
      options.compressionRatioThreshold ?? own.compression_ratio_threshold ?? undefined,
    logprob_threshold: options.logprobThreshold ?? own.logprob_threshold ?? undefined,
    no_speech_threshold: options.noSpeechThreshold ?? own.no_speech_threshold ?? undefined,
    time_precision: options.timePrecision ?? 0.02,
    time_precision_features: options.timePrecisionFeatures ?? 0.01,
    max_source_positions: config.max_source_positions,
    max_target_positions: config.max_target_positions,
    median_filter_width: config.median_filter_width,
  }
}

function expectKey(own: OwnKeys, key: keyof OwnKeys, needed: boolean, option: keyof SpeechOptions) {
  if (needed && own[key] === undefined)
    throw new OptionError(
      `${option} needs ${key}, which this model's generation_config.json does not have. Take a newer version of the model.`,
    )
}

function timestampsOf(
  { returnTimestamps }: SpeechOptions,
  own: OwnKeys,
  { vocab_size }: SpeechModelConfig,
  isShortForm: boolean,
): Pick<SpeechSettings, 'return_timestamps' | 'timestamp_begin'> {
  const asked = returnTimestamps ?? own.return_timestamps
  if (!isShortForm && asked === false)
    throw new OptionError(
      'returnTimestamps is false, but the sound is longer than one segment, and where the next begins only timestamps tell. ' +
        'Leave it out, or give one segment at a time.',
    )
  const return_timestamps = asked === true || !isShortForm
  expectKey(own, 'no_timestamps_token_id', return_timestamps, 'returnTimestamps')
  const { no_timestamps_token_id = vocab_size } = own
  return { return_timestamps, timestamp_begin: no_timestamps_token_id + 1 }
}
