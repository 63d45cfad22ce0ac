/** @file `config.json` of Llama, key for key as transformers' configuration_llama.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig } from '../configuration'
import { expectDecoder, ropeKeys, specialTokens } from '../decoder-configuration'
import type { RopeScaling } from '../rope'

const defaults = {
  model_type: 'llama',
  vocab_size: 32000,
  hidden_size: 4096,
  intermediate_size: 11008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: null as number | null,
  hidden_act: 'silu' as Activation,
  max_position_embeddings: 2048,
  initializer_range: 0.02,
  rms_norm_eps: 1e-6,
  use_cache: true,
  pretraining_tp: 1,
  tie_word_embeddings: false,
  rope_theta: 10000,
  rope_scaling: null as RopeScaling | null,
  attention_bias: false,
  attention_dropout: 0,
  mlp_bias: false,
  head_dim: null as number | null,
}

export type LlamaConfig = ReturnType<typeof LlamaConfig>

/** The configuration a `config.json` means; `LlamaConfig(**json)` in Python. */
export function LlamaConfig(json: Json = {}) {
  const filled = pretrainedConfig(ropeKeys(json), defaults)
  const config = {
    ...filled,
    ...specialTokens(json, { bos: 1, eos: 2, pad: null }),
    num_key_value_heads: filled.num_key_value_heads ?? filled.num_attention_heads,
    head_dim: filled.head_dim ?? Math.floor(filled.hidden_size / filled.num_attention_heads),
  }
  expectDecoder(config, 'hidden_act')
  return config
}
