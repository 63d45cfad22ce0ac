/** @file `config.json` of GPT-NeoX and Pythia, key for key as transformers' configuration_gpt_neox.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig, refuse } from '../configuration'
import { expectDecoder, ropeKeys, specialTokens } from '../decoder-configuration'
import type { RopeScaling } from '../rope'

const defaults = {
  model_type: 'gpt_neox',
  vocab_size: 50432,
  hidden_size: 6144,
  num_hidden_layers: 44,
  num_attention_heads: 64,
  intermediate_size: 24576,
  hidden_act: 'gelu' as Activation,
  rotary_pct: 0.25,
  rotary_emb_base: 10000,
  attention_dropout: 0,
  hidden_dropout: 0,
  classifier_dropout: 0.1,
  max_position_embeddings: 2048,
  initializer_range: 0.02,
  layer_norm_eps: 1e-5,
  use_cache: true,
  tie_word_embeddings: false,
  use_parallel_residual: true,
  rope_scaling: null as RopeScaling | null,
  attention_bias: true,
}

export type GPTNeoXConfig = ReturnType<typeof GPTNeoXConfig>

/** The configuration a `config.json` means; `GPTNeoXConfig(**json)` in Python. */
export function GPTNeoXConfig(json: Json = {}) {
  const filled = pretrainedConfig(neoxKeys(json), defaults)
  const config = {
    ...filled,
    ...specialTokens(json, { bos: 0, eos: 2, pad: null }),
    rope_theta: filled.rotary_emb_base,
    partial_rotary_factor: filled.rotary_pct,
  }
  const size = Math.floor(config.hidden_size / config.num_attention_heads)
  if (Math.trunc(size * config.rotary_pct) % 2 !== 0)
    refuse(config, 'rotary_pct', `a part of the ${size} channels of a head that is an even number of them`)
  expectDecoder({ ...config, num_key_value_heads: config.num_attention_heads }, 'hidden_act')
  return config
}

/** What transformers 5 says of positions, under this architecture's own names. */
function neoxKeys(json: Json): Json {
  if (typeof json.rope_parameters !== 'object' || json.rope_parameters === null) return json
  const { rope_theta = null, partial_rotary_factor = null, ...rest } = ropeKeys(json)
  return { rotary_emb_base: rope_theta, rotary_pct: partial_rotary_factor, ...rest }
}
