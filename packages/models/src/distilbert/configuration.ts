/** @file `config.json` of DistilBERT, key for key as transformers' configuration_distilbert.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectEncoder, type Json, pretrainedConfig } from '../configuration'

const defaults = {
  model_type: 'distilbert',
  vocab_size: 30522,
  max_position_embeddings: 512,
  sinusoidal_pos_embds: false,
  n_layers: 6,
  n_heads: 12,
  dim: 768,
  hidden_dim: 4 * 768,
  dropout: 0.1,
  attention_dropout: 0.1,
  activation: 'gelu' as Activation,
  initializer_range: 0.02,
  qa_dropout: 0.1,
  seq_classif_dropout: 0.2,
  pad_token_id: 0,
}

const attributeMap = {
  hidden_size: 'dim',
  num_attention_heads: 'n_heads',
  num_hidden_layers: 'n_layers',
} as const

export type DistilBertConfig = ReturnType<typeof DistilBertConfig>

/** The configuration a `config.json` means; `DistilBertConfig(**json)` in Python. */
export function DistilBertConfig(json: Json = {}) {
  const config = pretrainedConfig(json, defaults, attributeMap)
  expectActivation(config, 'activation')
  expectEncoder(config)
  return config
}
