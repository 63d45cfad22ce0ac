/** @file `config.json` of T5, key for key as transformers' configuration_t5.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, type Json, pretrainedConfig } from '../configuration'
import { expectHeads } from '../heads'

const defaults = {
  model_type: 't5',
  vocab_size: 32128,
  d_model: 512,
  d_kv: 64,
  d_ff: 2048,
  num_layers: 6,
  num_heads: 8,
  relative_attention_num_buckets: 32,
  relative_attention_max_distance: 128,
  dropout_rate: 0.1,
  layer_norm_epsilon: 1e-6,
  initializer_factor: 1,
  feed_forward_proj: 'relu',
  is_encoder_decoder: true,
  use_cache: true,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: null as number | null,
  classifier_dropout: 0,
}

const attributeMap = {
  hidden_size: 'd_model',
  num_attention_heads: 'num_heads',
  num_hidden_layers: 'num_layers',
  head_dim: 'd_kv',
} as const

export type T5Config = ReturnType<typeof T5Config>

/** The configuration a `config.json` means; `T5Config(**json)` in Python. */
export function T5Config(json: Json = {}) {
  const { num_layers, feed_forward_proj } = pretrainedConfig(json, defaults, attributeMap)
  const derived = { num_decoder_layers: num_layers, ...feedForward(feed_forward_proj) }
  const config = pretrainedConfig(json, { ...defaults, ...derived }, attributeMap)
  expectActivation(config, 'dense_act_fn')
  const { num_layers: encoder, num_decoder_layers: decoder } = config
  expectHeads(config, { encoder, decoder, cross: decoder })
  return config
}

/** What `relu` or `gated-silu` say of the feed-forward layers; `gated-gelu` means the approximation of T5 1.1. */
function feedForward(projection: string) {
  const activation = projection.replace(/^gated-/, '')
  const is_gated_act = activation !== projection
  return {
    dense_act_fn: (projection === 'gated-gelu' ? 'gelu_new' : activation) as Activation,
    is_gated_act,
  }
}
