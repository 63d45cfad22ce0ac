/** @file `config.json` of ALBERT, key for key as transformers' configuration_albert.py. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectEncoder,
  type Json,
  type PretrainedConfig,
  pretrainedConfig,
} from '../configuration'

const defaults = {
  model_type: 'albert',
  vocab_size: 30000,
  embedding_size: 128,
  hidden_size: 4096,
  num_hidden_layers: 12,
  num_hidden_groups: 1,
  num_attention_heads: 64,
  intermediate_size: 16384,
  inner_group_num: 1,
  hidden_act: 'gelu_new' as Activation,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  classifier_dropout_prob: 0.1,
  position_embedding_type: 'absolute',
  pad_token_id: 0,
  bos_token_id: 2,
  eos_token_id: 3,
}

export type AlbertConfig = PretrainedConfig & typeof defaults

/** The configuration a `config.json` means; `AlbertConfig(**json)` in Python. */
export function AlbertConfig(json: Json = {}): AlbertConfig {
  const config = pretrainedConfig(json, defaults)
  expectActivation(config, 'hidden_act')
  expectEncoder(config, config.num_hidden_groups * config.inner_group_num)
  return config
}
