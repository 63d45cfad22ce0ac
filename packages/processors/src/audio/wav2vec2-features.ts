/** @file Samples as models of raw sound take them. */
import type { FeatureTensor } from '../tensor'
import type { FeatureExtractorConfig, FeatureExtractorOptions } from './feature-extractor'
import { stacked, stackedMasks } from './features'
import { maskOf, type PadOptions, pad, pads } from './pad'
import { normalized } from './zero-mean'

export interface Wav2Vec2FeatureExtractorConfig extends FeatureExtractorConfig {
  do_normalize: boolean
}

export interface Wav2Vec2FeatureOptions extends FeatureExtractorOptions, PadOptions {}

export type Wav2Vec2Features = {
  /** [batch, samples]. */
  input_values: FeatureTensor<'float32'>
  /** [batch, samples], 0 where there is padding; when the configuration or the call asks for it. */
  attention_mask?: FeatureTensor<'int32'>
}

export async function wav2vec2Features(
  sounds: readonly Float32Array[],
  config: Wav2Vec2FeatureExtractorConfig,
  options: Wav2Vec2FeatureOptions,
): Promise<Wav2Vec2Features> {
  const { do_normalize, padding_value, return_attention_mask } = config
  const { returnAttentionMask = return_attention_mask, signal } = options
  const padded = pad(sounds, options, config)
  // Models that take no mask were trained on padding that was normalized with the sound.
  const apart = returnAttentionMask && pads(options.padding)
  const rows: Float32Array[] = []
  for (const { samples, length } of padded) {
    const whole = { samples, length: apart ? length : samples.length }
    rows.push(do_normalize ? await normalized(whole, padding_value, signal) : samples)
  }
  return {
    input_values: stacked(rows),
    ...(returnAttentionMask && { attention_mask: stackedMasks(padded.map(maskOf)) }),
  }
}
