/** @file `WhisperFeatureExtractor`: 30 seconds of sound as a log-mel spectrogram. */
import { type FeatureExtractorClass, featureExtractorClass, float } from './feature-extractor'
import type {
  WhisperFeatureExtractorConfig,
  WhisperFeatureOptions,
  WhisperFeatures,
} from './whisper-features'

/** Log-mel spectrograms of 30 seconds, the rest of which is silence. Like `WhisperFeatureExtractor` in Python.
 *
 * Longer sound is cut, unless `truncation: false` and `padding: 'longest'` ask for all of it.
 */
export const WhisperFeatureExtractor: FeatureExtractorClass<
  WhisperFeatureExtractorConfig,
  WhisperFeatureOptions,
  WhisperFeatures
> = /* @__PURE__ */ featureExtractorClass<
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
