/** @file `Wav2Vec2FeatureExtractor`: the sound itself, brought to mean 0 and variance 1. */
import { type FeatureExtractorClass, featureExtractorClass, float } from './feature-extractor'
import type {
  Wav2Vec2FeatureExtractorConfig,
  Wav2Vec2FeatureOptions,
  Wav2Vec2Features,
} from './wav2vec2-features'

/** Samples as models of raw sound take them: Wav2Vec2, HuBERT and their like. Like `Wav2Vec2FeatureExtractor` in Python.
 * @example
 * const { input_values } = await featureExtractor([first, second], { padding: true }) // shape [2, samples of the longer]
 */
export const Wav2Vec2FeatureExtractor: FeatureExtractorClass<
  Wav2Vec2FeatureExtractorConfig,
  Wav2Vec2FeatureOptions,
  Wav2Vec2Features
> = /* @__PURE__ */ featureExtractorClass<
  Wav2Vec2FeatureExtractorConfig,
  Wav2Vec2FeatureOptions,
  Wav2Vec2Features
>({
  defaults: {
    feature_extractor_type: 'Wav2Vec2FeatureExtractor',
    feature_size: 1,
    sampling_rate: 16000,
    padding_value: /* @__PURE__ */ float(0),
    padding_side: 'right',
    return_attention_mask: false,
    do_normalize: true,
  },

  extract: async (...given) => (await import('./wav2vec2-features')).wav2vec2Features(...given),
})
