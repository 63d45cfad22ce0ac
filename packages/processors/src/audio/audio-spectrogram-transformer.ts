/** @file `ASTFeatureExtractor`: Kaldi's log-mel filter banks, 10 seconds of them. */

import type { ASTFeatureExtractorConfig, ASTFeatures } from './audio-spectrogram-transformer-features'
import {
  type FeatureExtractorClass,
  type FeatureExtractorOptions,
  featureExtractorClass,
  float,
} from './feature-extractor'

/** Filter banks as Kaldi's, cut or padded to a number of frames. Like `ASTFeatureExtractor` in Python. */
export const ASTFeatureExtractor: FeatureExtractorClass<
  ASTFeatureExtractorConfig,
  FeatureExtractorOptions,
  ASTFeatures
> = /* @__PURE__ */ featureExtractorClass<ASTFeatureExtractorConfig, FeatureExtractorOptions, ASTFeatures>({
  defaults: {
    feature_extractor_type: 'ASTFeatureExtractor',
    feature_size: 1,
    sampling_rate: 16000,
    num_mel_bins: 128,
    max_length: 1024,
    padding_value: /* @__PURE__ */ float(0),
    padding_side: 'right',
    do_normalize: true,
    mean: -4.2677393,
    std: 4.5689974,
    return_attention_mask: false,
  },

  extract: async (...given) =>
    (await import('./audio-spectrogram-transformer-features')).filterBanks(...given),
})
