/** @file `config.json` of Whisper, key for key as transformers' configuration_whisper.py. */
import type { Json } from '../configuration'
import { encoderDecoderConfig } from '../encoder-decoder-configuration'

const defaults = {
  model_type: 'whisper',
  vocab_size: 51865,
  num_mel_bins: 80,
  encoder_layers: 4,
  encoder_attention_heads: 6,
  decoder_layers: 4,
  decoder_attention_heads: 6,
  decoder_ffn_dim: 1536,
  encoder_ffn_dim: 1536,
  decoder_start_token_id: 50257,
  d_model: 384,
  dropout: 0,
  max_source_positions: 1500,
  max_target_positions: 448,
  pad_token_id: 50256,
  bos_token_id: 50256,
  eos_token_id: 50256,
  suppress_tokens: null as readonly number[] | null,
  begin_suppress_tokens: [220, 50256] as readonly number[] | null,
  use_weighted_layer_sum: false,
  classifier_proj_size: 256,
  apply_spec_augment: false,
  mask_time_prob: 0.05,
  mask_time_length: 10,
  mask_time_min_masks: 2,
  mask_feature_prob: 0,
  mask_feature_length: 10,
  mask_feature_min_masks: 0,
  median_filter_width: 7,
}

export type WhisperConfig = ReturnType<typeof WhisperConfig>

/** The configuration a `config.json` means; `WhisperConfig(**json)` in Python. */
export const WhisperConfig = (json: Json = {}) => encoderDecoderConfig(json, defaults)
