/** @file What is asked of a generation, with nothing left to be looked up: plain values that cross to the worker. */
import type { Constraint } from './constraint/format'
import type { SequenceBias } from './processors/bias'
import type { Watermarking } from './processors/watermark'
import type { SpeechRequest } from './speech/request'
import type { TokenTexts } from './stop-strings'

/** How the next tokens are found. Like `GenerationMode` in Python. */
export type GenerationMode =
  | 'greedy_search'
  | 'sample'
  | 'beam_search'
  | 'beam_sample'
  | 'group_beam_search'
  | 'contrastive_search'
  | 'assisted_generation'
  | 'dola_generation'

/** The keys of Python's `GenerationConfig` that a loop acts on. Where Python has None, a key is undefined or a list is empty. */
export interface GenerationSettings {
  readonly mode: GenerationMode
  /** Of the prompt and what follows together. */
  readonly max_length: number
  readonly min_length: number
  readonly min_new_tokens: number
  readonly max_time: number | undefined
  readonly stop_strings: readonly string[]
  readonly eos_token_id: readonly number[]
  readonly pad_token_id: number | undefined

  readonly do_sample: boolean
  readonly num_beams: number
  readonly num_beam_groups: number
  readonly diversity_penalty: number
  readonly num_return_sequences: number
  readonly early_stopping: boolean | 'never'
  readonly length_penalty: number
  readonly penalty_alpha: number | undefined
  readonly prompt_lookup_num_tokens: number | undefined
  readonly max_matching_ngram_size: number
  readonly num_assistant_tokens: number
  readonly num_assistant_tokens_schedule: 'constant' | 'heuristic' | 'heuristic_transient'
  readonly assistant_confidence_threshold: number

  readonly temperature: number
  readonly top_k: number
  readonly top_p: number
  readonly min_p: number | undefined
  readonly typical_p: number
  readonly epsilon_cutoff: number
  readonly eta_cutoff: number
  readonly repetition_penalty: number
  readonly encoder_repetition_penalty: number
  readonly no_repeat_ngram_size: number
  readonly encoder_no_repeat_ngram_size: number
  readonly bad_words_ids: readonly (readonly number[])[]
  readonly sequence_bias: readonly SequenceBias[]
  readonly forced_bos_token_id: number | undefined
  readonly forced_eos_token_id: readonly number[]
  readonly suppress_tokens: readonly number[]
  readonly begin_suppress_tokens: readonly number[]
  readonly exponential_decay_length_penalty: readonly [start: number, factor: number] | undefined
  readonly guidance_scale: number
  readonly remove_invalid_values: boolean
  readonly renormalize_logits: boolean
  readonly watermarking_config: Watermarking | undefined

  readonly output_scores: boolean
  readonly output_logits: boolean
}

/** One call of `generate`. */
export interface GenerationRequest {
  readonly settings: GenerationSettings
  /** What each row begins with, all of one length: the prompts, or the decoder's first tokens where there is an encoder. */
  readonly prompts: readonly Int32Array[]
  /** Which of the prompts' tokens count: 0 stands for padding. */
  readonly promptMasks?: readonly ArrayLike<number>[]
  /** What the encoder read, a row for each prompt. */
  readonly encoderInputs?: readonly Int32Array[]
  /** What stands for the prompts where guidance asks what would come without them; else the prompts' last tokens. */
  readonly negativePrompts?: readonly Int32Array[]
  /** What draws are made of. Another one each time where it is left out. */
  readonly seed?: number
  /** Which of the decoder's outputs are given for each step, by names without a layer's number; all where it is left out. */
  readonly lists?: readonly string[]
  /** The output that holds the last hidden states, [rows, tokens read, width], by which contrastive search compares tokens. */
  readonly hiddenOutput?: string
  /** The outputs that hold what the head makes of early hidden states, [rows, tokens scored, vocabulary], which DoLa contrasts. */
  readonly earlyOutputs?: readonly string[]
  /** Needed for `stop_strings`. */
  readonly tokens?: TokenTexts
  /** The form that outputs are kept to. */
  readonly constraint?: Constraint
  /** What is asked of speech. */
  readonly speech?: SpeechRequest
}
