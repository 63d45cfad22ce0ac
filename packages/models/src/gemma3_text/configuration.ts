/** @file `config.json` of the text half of Gemma 3, key for key as transformers' configuration_gemma3.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig } from '../configuration'
import {
  expectDecoder,
  type LayerType,
  numberOrNull,
  ropeKeys,
  specialTokens,
} from '../decoder-configuration'
import { alternating } from '../gemma2/configuration'
import type { RopeScaling } from '../rope'

const defaults = {
  model_type: 'gemma3_text',
  vocab_size: 262208,
  hidden_size: 2304,
  intermediate_size: 9216,
  num_hidden_layers: 26,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  hidden_activation: 'gelu_pytorch_tanh' as Activation,
  max_position_embeddings: 131072,
  initializer_range: 0.02,
  rms_norm_eps: 1e-6,
  use_cache: true,
  tie_word_embeddings: true,
  rope_theta: 1_000_000,
  attention_bias: false,
  attention_dropout: 0,
  query_pre_attn_scalar: 256,
  sliding_window: 4096,
  layer_types: null as readonly LayerType[] | null,
  rope_scaling: null as RopeScaling | null,
  rope_local_base_freq: 10000,
  use_bidirectional_attention: false,
  /** Every so-manieth layer sees all; the older way to say `layer_types`. */
  sliding_window_pattern: 6,
}

export type Gemma3TextConfig = ReturnType<typeof Gemma3TextConfig>

/** The configuration a `config.json` means; `Gemma3TextConfig(**json)` in Python. */
export function Gemma3TextConfig(json: Json = {}) {
  const { sliding_window_pattern, ...filled } = pretrainedConfig(ropesOf(json), defaults)
  const { sliding_window, use_bidirectional_attention } = filled
  const config = {
    ...filled,
    ...specialTokens(json, { bos: 2, eos: 1, pad: 0 }),
    _sliding_window_pattern: sliding_window_pattern,
    layer_types: filled.layer_types ?? alternating(filled.num_hidden_layers, sliding_window_pattern),
    // To both sides, half as far.
    sliding_window: use_bidirectional_attention ? Math.floor(sliding_window / 2) + 1 : sliding_window,
    final_logit_softcapping: numberOrNull(json, 'final_logit_softcapping', null),
    // Python keeps this key and does nothing with it.
    attn_logit_softcapping: numberOrNull(json, 'attn_logit_softcapping', null),
  }
  expectDecoder(config, 'hidden_activation')
  return config
}

/** transformers 5 says for each type of layer how its positions turn. */
function ropesOf(json: Json): Json {
  const ropes = json.rope_parameters as Readonly<Record<LayerType, Json>> | null | undefined
  if (!ropes?.full_attention) return ropeKeys(json)
  const rope_local_base_freq = ropes.sliding_attention?.rope_theta ?? null
  return { rope_local_base_freq, ...ropeKeys({ ...json, rope_parameters: ropes.full_attention }) }
}
