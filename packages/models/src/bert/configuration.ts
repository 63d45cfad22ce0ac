/** @file `config.json` of BERT, key for key as transformers' configuration_bert.py. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectEncoder,
  type Json,
  type PretrainedConfig,
  pretrainedConfig,
} from '../configuration'

const defaults = {
  model_type: 'bert',
  vocab_size: 30522,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  pad_token_id: 0,
  position_embedding_type: 'absolute',
  use_cache: true,
  classifier_dropout: null as number | null,
}

export type BertConfig = PretrainedConfig & typeof defaults

/** The configuration a `config.json` means; `BertConfig(**json)` in Python. */
export function BertConfig(json: Json = {}): BertConfig {
  const config = pretrainedConfig(json, defaults)
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}
