/** @file `config.json` of MPNet, key for key as transformers' configuration_mpnet.py. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectEncoder,
  expectOneOf,
  type Json,
  type PretrainedConfig,
  pretrainedConfig,
} from '../configuration'
import type { Buckets } from '../relative-position'

/** Fixed, as in Python, which sizes the table by its configuration but always counts 32 buckets. */
export const BUCKETS: Buckets = { count: 32, maxDistance: 128, bidirectional: true }

const defaults = {
  model_type: 'mpnet',
  vocab_size: 30527,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  max_position_embeddings: 512,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  relative_attention_num_buckets: BUCKETS.count,
  pad_token_id: 1,
  bos_token_id: 0,
  eos_token_id: 2,
}

export type MPNetConfig = PretrainedConfig & typeof defaults

/** The configuration a `config.json` means; `MPNetConfig(**json)` in Python. */
export function MPNetConfig(json: Json = {}): MPNetConfig {
  const config = pretrainedConfig(json, defaults)
  expectActivation(config, 'hidden_act')
  expectOneOf(config, 'relative_attention_num_buckets', [BUCKETS.count])
  expectEncoder(config)
  return config
}
