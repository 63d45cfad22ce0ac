/** @file `config.json` of Gemma 2, key for key as transformers' configuration_gemma2.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig } from '../configuration'
import {
  expectDecoder,
  type LayerType,
  numberOrNull,
  ropeKeys,
  specialTokens,
} from '../decoder-configuration'
import type { RopeScaling } from '../rope'

const defaults = {
  model_type: 'gemma2',
  vocab_size: 256000,
  hidden_size: 2304,
  intermediate_size: 9216,
  num_hidden_layers: 26,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  hidden_activation: 'gelu_pytorch_tanh' as Activation,
  max_position_embeddings: 8192,
  initializer_range: 0.02,
  rms_norm_eps: 1e-6,
  use_cache: true,
  tie_word_embeddings: true,
  rope_theta: 10000,
  rope_scaling: null as RopeScaling | null,
  attention_bias: false,
  attention_dropout: 0,
  query_pre_attn_scalar: 256,
  sliding_window: 4096,
  layer_types: null as readonly LayerType[] | null,
}

export type Gemma2Config = ReturnType<typeof Gemma2Config>

/** The configuration a `config.json` means; `Gemma2Config(**json)` in Python. */
export function Gemma2Config(json: Json = {}) {
  const filled = pretrainedConfig(ropeKeys(json), defaults)
  const config = {
    ...filled,
    ...specialTokens(json, { bos: 2, eos: 1, pad: 0 }),
    layer_types: filled.layer_types ?? alternating(filled.num_hidden_layers, 2),
    final_logit_softcapping: numberOrNull(json, 'final_logit_softcapping', 30),
    attn_logit_softcapping: numberOrNull(json, 'attn_logit_softcapping', 50),
  }
  expectDecoder(config, 'hidden_activation')
  return config
}

/** Windows, but in every so-manieth layer. */
export const alternating = (layers: number, every: number): readonly LayerType[] =>
  Array.from({ length: layers }, (_, i) => ((i + 1) % every === 0 ? 'full_attention' : 'sliding_attention'))
