/** @file `config.json` of TrOCR's decoder, key for key as transformers' configuration_trocr.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, type Json, pretrainedConfig, refuse } from '../configuration'

const defaults = {
  model_type: 'trocr',
  vocab_size: 50265,
  d_model: 1024,
  decoder_layers: 12,
  decoder_attention_heads: 16,
  decoder_ffn_dim: 4096,
  activation_function: 'gelu' as Activation,
  max_position_embeddings: 512,
  dropout: 0.1,
  attention_dropout: 0,
  activation_dropout: 0,
  decoder_start_token_id: 2,
  init_std: 0.02,
  decoder_layerdrop: 0,
  use_cache: true,
  scale_embedding: false,
  use_learned_position_embeddings: true,
  layernorm_embedding: true,
  pad_token_id: 1,
  bos_token_id: 0,
  eos_token_id: 2,
  cross_attention_hidden_size: null as number | null,
}
const attributeMap = {
  num_attention_heads: 'decoder_attention_heads',
  hidden_size: 'd_model',
  num_hidden_layers: 'decoder_layers',
} as const

export type TrOCRConfig = ReturnType<typeof TrOCRConfig>

/** The configuration a `config.json` means; `TrOCRConfig(**json)` in Python. */
export function TrOCRConfig(json: Json = {}) {
  const config = pretrainedConfig(json, defaults, attributeMap)
  expectActivation(config, 'activation_function')
  if (config.d_model % config.decoder_attention_heads !== 0)
    refuse(config, 'decoder_attention_heads', `a divisor of d_model, which is ${config.d_model}`)
  return { ...config, ...WITHOUT_ENCODER, encoder_attention_heads: config.decoder_attention_heads }
}

/** What the layers it shares with BART ask of an encoder that is not there. */
const WITHOUT_ENCODER = {
  encoder_layers: 0,
  encoder_ffn_dim: 0,
  encoder_layerdrop: 0,
  tie_encoder_decoder: false,
  is_encoder_decoder: false,
}
