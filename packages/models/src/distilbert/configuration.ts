/** @file `config.json` of DistilBERT, key for key as transformers' configuration_distilbert.py. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectEncoder,
  type Json,
  type PretrainedConfig,
  pretrainedConfig,
} from '../configuration'

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

/** What other architectures call these; either name may stand in the file, and both can be read. */
interface OtherNames {
  readonly hidden_size: number
  readonly num_attention_heads: number
  readonly num_hidden_layers: number
}

export type DistilBertConfig = PretrainedConfig & typeof defaults & OtherNames

/** The configuration a `config.json` means; `DistilBertConfig(**json)` in Python. */
export function DistilBertConfig(json: Json = {}): DistilBertConfig {
  const { hidden_size, num_attention_heads, num_hidden_layers } = json
  const own = pretrainedConfig(
    {
      dim: hidden_size ?? null,
      n_heads: num_attention_heads ?? null,
      n_layers: num_hidden_layers ?? null,
      ...json,
    },
    defaults,
  )
  const others = { hidden_size: own.dim, num_attention_heads: own.n_heads, num_hidden_layers: own.n_layers }
  const config = { ...own, ...others }
  expectActivation(config, 'activation')
  expectEncoder(config)
  return config
}
