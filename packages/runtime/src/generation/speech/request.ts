/** @file What a generation is asked of speech besides tokens: when it was said, and whether anything was. */

/** How tokens that stand for times have to follow each other. Like `WhisperTimeStampLogitsProcessor`'s arguments in Python. */
export interface TimestampRules {
  /** The tokens after it stand for times, the first of them for the beginning. */
  readonly no_timestamps_token_id: number
  readonly eos_token_id: number
  /** The latest time that a text may begin with, as so many tokens after the first. */
  readonly max_initial_timestamp_index?: number
}

/** How attention tells when each token was said. */
export interface Alignment {
  /** The heads of the decoder that look where they listen, [layer, head]. */
  readonly heads: readonly (readonly [layer: number, head: number])[]
  /** How many frames of the spectrogram each row has, two for each position of the encoder; all where it is left out. */
  readonly num_frames?: readonly number[]
  /** How many positions are smoothed together, an odd number. */
  readonly median_filter_width: number
  /** Seconds that a position of the encoder stands for. */
  readonly time_precision: number
}

export interface SpeechRequest {
  readonly timestamps?: TimestampRules
  /** The token that stands for silence, and after which place of the prompts the model is asked how likely it is. */
  readonly no_speech?: { readonly token: number; readonly place: number }
  /** Whether the logarithm of the probability is told that each token was chosen with. */
  readonly token_logprobs?: boolean
  readonly alignment?: Alignment
}

/** What is told of it, for each sequence. */
export interface SpeechOutput {
  /** How likely it is that nothing is said, for each prompt. */
  readonly no_speech_probs?: Float32Array
  /** Of each token that was made, temperature taken back. */
  readonly token_logprobs?: Float32Array[]
  /** Seconds at which each token begins, those of the prompt among them at 0. */
  readonly token_timestamps?: Float32Array[]
}
