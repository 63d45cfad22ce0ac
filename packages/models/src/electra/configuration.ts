/** @file `config.json` of ELECTRA, key for key as transformers' configuration_electra.py. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectEncoder,
  expectOneOf,
  type Json,
  type PretrainedConfig,
  pretrainedConfig,
} from '../configuration'

const defaults = {
  model_type: 'electra',
  vocab_size: 30522,
  embedding_size: 128,
  hidden_size: 256,
  num_hidden_layers: 12,
  num_attention_heads: 4,
  intermediate_size: 1024,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  summary_type: 'first' as 'first' | 'last' | 'mean' | 'cls_index',
  summary_use_proj: true,
  summary_activation: 'gelu' as Activation | null,
  summary_first_dropout: 0,
  summary_last_dropout: 0.1,
  pad_token_id: 0,
  position_embedding_type: 'absolute',
  use_cache: true,
  classifier_dropout: null as number | null,
}

export type ElectraConfig = PretrainedConfig & typeof defaults

/** The configuration a `config.json` means; `ElectraConfig(**json)` in Python. */
export function ElectraConfig(json: Json = {}): ElectraConfig {
  const config = pretrainedConfig(json, defaults)
  expectActivation(config, 'hidden_act')
  expectActivation(config, 'summary_activation')
  expectOneOf(config, 'summary_type', ['first', 'last', 'mean', 'cls_index'])
  expectEncoder(config)
  return config
}
