/** @file `ClapFeatureExtractor`: 10 seconds of sound in decibels, of longer sound some of it, or some and a summary. */

import type { ClapFeatureExtractorConfig, ClapFeatureOptions, ClapFeatures } from './clap-features'
import { type FeatureExtractorClass, featureExtractorClass, float } from './feature-extractor'

/** Mel spectrograms in decibels. Like `ClapFeatureExtractor` in Python. */
export const ClapFeatureExtractor: FeatureExtractorClass<
  ClapFeatureExtractorConfig,
  ClapFeatureOptions,
  ClapFeatures
> = /* @__PURE__ */ featureExtractorClass<ClapFeatureExtractorConfig, ClapFeatureOptions, ClapFeatures>({
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
