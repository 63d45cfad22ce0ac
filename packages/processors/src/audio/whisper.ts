/** @file `WhisperFeatureExtractor`: 30 seconds of sound as a log-mel spectrogram. */
import type { FeatureTensor } from '../tensor'
import {
  type FeatureExtractorConfig,
  type FeatureExtractorOptions,
  featureExtractorClass,
  float,
} from './feature-extractor'
import type { PadOptions } from './pad'

export interface WhisperFeatureExtractorConfig extends FeatureExtractorConfig {
  hop_length: number
  /** Seconds of sound that the model takes. */
  chunk_length: number
  n_fft: number
  dither: number
  n_samples: number
  nb_max_frames: number
}

export interface WhisperFeatureOptions extends FeatureExtractorOptions, PadOptions {
  /** Bring the sound to mean 0 and variance 1 first. Default: `false`. */
  doNormalize?: boolean
  /** Give `num_frames`, how many frames of each sound are no padding. Default: `false`. */
  returnTokenTimestamps?: boolean
}

export type WhisperFeatures = {
  /** [batch, mels, frames]. */
  input_features: FeatureTensor<'float32'>
  /** [batch, frames], 0 where there is padding; when asked for. */
  attention_mask?: FeatureTensor<'int32'>
  num_frames?: number[]
}

/** Log-mel spectrograms of 30 seconds, the rest of which is silence. Like `WhisperFeatureExtractor` in Python.
 *
 * Longer sound is cut, unless `truncation: false` and `padding: 'longest'` ask for all of it.
 */
export const WhisperFeatureExtractor = /* @__PURE__ */ featureExtractorClass<
  WhisperFeatureExtractorConfig,
  WhisperFeatureOptions,
  WhisperFeatures
>({
  defaults: {
    feature_extractor_type: 'WhisperFeatureExtractor',
    feature_size: 80,
    sampling_rate: 16000,
    hop_length: 160,
    chunk_length: 30,
    n_fft: 400,
    padding_value: /* @__PURE__ */ float(0),
    padding_side: 'right',
    dither: /* @__PURE__ */ float(0),
    return_attention_mask: false,
    n_samples: 0,
    nb_max_frames: 0,
  },
  derived: ({ chunk_length, sampling_rate, hop_length }) => ({
    n_samples: chunk_length * sampling_rate,
    nb_max_frames: Math.floor((chunk_length * sampling_rate) / hop_length),
  }),

  extract: async (...given) => (await import('./whisper-features')).whisperFeatures(...given),
})
