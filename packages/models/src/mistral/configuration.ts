/** @file `config.json` of Mistral, key for key as transformers' configuration_mistral.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig } from '../configuration'
import { asGiven, expectDecoder, numberOrNull, ropeKeys, specialTokens } from '../decoder-configuration'
import type { RopeScaling } from '../rope'

const defaults = {
  model_type: 'mistral',
  vocab_size: 32000,
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  head_dim: null as number | null,
  hidden_act: 'silu' as Activation,
  max_position_embeddings: 131072,
  initializer_range: 0.02,
  rms_norm_eps: 1e-6,
  use_cache: true,
  tie_word_embeddings: false,
  rope_theta: 10000,
  rope_scaling: null as RopeScaling | null,
  attention_dropout: 0,
}

export type MistralConfig = ReturnType<typeof MistralConfig>

/** The configuration a `config.json` means; `MistralConfig(**json)` in Python. */
export function MistralConfig(json: Json = {}) {
  const filled = pretrainedConfig(ropeKeys(json), defaults)
  const config = {
    ...filled,
    ...specialTokens(json, { bos: 1, eos: 2, pad: null }),
    num_key_value_heads: asGiven<number | null>(json, 'num_key_value_heads', 8) ?? filled.num_attention_heads,
    sliding_window: numberOrNull(json, 'sliding_window', 4096),
  }
  expectDecoder(config, 'hidden_act')
  return config
}
