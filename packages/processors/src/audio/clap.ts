/** @file `ClapFeatureExtractor`: 10 seconds of sound in decibels, of longer sound some of it, or some and a summary. */
import type { FeatureTensor } from '../tensor'
import {
  type FeatureExtractorConfig,
  type FeatureExtractorOptions,
  featureExtractorClass,
  float,
} from './feature-extractor'

/** Of longer sound: a random part, or three parts and all of it shrunk. */
export type ClapTruncation = 'fusion' | 'rand_trunc'
/** Of shorter sound: said again as often as it fits, or so that it fills, then silence; or silence alone. */
export type ClapPadding = 'repeatpad' | 'repeat' | 'pad'

export interface ClapFeatureExtractorConfig extends FeatureExtractorConfig {
  hop_length: number
  max_length_s: number
  nb_max_samples: number
  fft_window_size: number
  nb_frequency_bins: number
  frequency_min: number
  frequency_max: number
  top_db: number | null
  truncation: ClapTruncation
  padding: ClapPadding
}

export interface ClapFeatureOptions extends FeatureExtractorOptions {
  truncation?: ClapTruncation
  padding?: ClapPadding
  /** In samples. */
  maxLength?: number
  /** Chooses the parts of longer sound: numbers from 0 to 1. Default: `Math.random`. */
  random?: () => number
}

export type ClapFeatures = {
  /** [batch, 1, frames, mels], or with fusion [batch, 4, frames, mels]. */
  input_features: FeatureTensor<'float32'>
  /** [batch, 1], whether a sound was longer. */
  is_longer: FeatureTensor<'bool'>
}

/** Mel spectrograms in decibels. Like `ClapFeatureExtractor` in Python. */
export const ClapFeatureExtractor = /* @__PURE__ */ featureExtractorClass<
  ClapFeatureExtractorConfig,
  ClapFeatureOptions,
  ClapFeatures
>({
  defaults: {
    feature_extractor_type: 'ClapFeatureExtractor',
    feature_size: 64,
    sampling_rate: 48000,
    hop_length: 480,
    max_length_s: 10,
    fft_window_size: 1024,
    padding_value: /* @__PURE__ */ float(0),
    padding_side: 'right',
    return_attention_mask: false,
    frequency_min: 0,
    frequency_max: 14000,
    top_db: null,
    truncation: 'fusion',
    padding: 'repeatpad',
    nb_max_samples: 0,
    nb_frequency_bins: 0,
  },
  derived: ({ max_length_s, sampling_rate, fft_window_size }) => ({
    nb_max_samples: max_length_s * sampling_rate,
    nb_frequency_bins: (fft_window_size >> 1) + 1,
  }),

  extract: async (...given) => (await import('./clap-features')).clapFeatures(...given),
})
