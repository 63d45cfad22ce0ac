/** @file `config.json` of AST, key for key as transformers' configuration_audio_spectrogram_transformer.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectEncoder, type Json, pretrainedConfig } from '../configuration'

const defaults = {
  model_type: 'audio-spectrogram-transformer',
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  patch_size: 16,
  qkv_bias: true,
  frequency_stride: 10,
  time_stride: 10,
  max_length: 1024,
  num_mel_bins: 128,
}
export type ASTConfig = ReturnType<typeof ASTConfig>

/** The configuration a `config.json` means; `ASTConfig(**json)` in Python. */
export function ASTConfig(json: Json = {}) {
  const config = pretrainedConfig(json, defaults)
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}
