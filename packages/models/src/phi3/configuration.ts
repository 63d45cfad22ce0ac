/** @file `config.json` of Phi-3, key for key as transformers' configuration_phi3.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig, refuse } from '../configuration'
import { expectDecoder, numberOrNull, ropeKeys, specialTokens } from '../decoder-configuration'
import type { RopeScaling } from '../rope'

const defaults = {
  model_type: 'phi3',
  vocab_size: 32064,
  hidden_size: 3072,
  intermediate_size: 8192,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: null as number | null,
  resid_pdrop: 0,
  embd_pdrop: 0,
  attention_dropout: 0,
  /** The size of a head where it is not hidden_size / num_attention_heads. */
  head_dim: null as number | null,
  hidden_act: 'silu' as Activation,
  max_position_embeddings: 4096,
  original_max_position_embeddings: 4096,
  initializer_range: 0.02,
  rms_norm_eps: 1e-5,
  use_cache: true,
  tie_word_embeddings: false,
  rope_theta: 10000,
  rope_scaling: null as RopeScaling | null,
  partial_rotary_factor: 1,
}

export type Phi3Config = ReturnType<typeof Phi3Config>

/** The configuration a `config.json` means; `Phi3Config(**json)` in Python. */
export function Phi3Config(json: Json = {}) {
  const filled = pretrainedConfig(ropeKeys(json), defaults)
  const config = {
    ...filled,
    ...specialTokens(json, { bos: 1, eos: 32000, pad: 32000 }),
    num_key_value_heads: filled.num_key_value_heads ?? filled.num_attention_heads,
    rope_scaling: longRope(filled.rope_scaling),
    sliding_window: numberOrNull(json, 'sliding_window', null),
  }
  const type = config.rope_scaling?.rope_type ?? 'longrope'
  if (type !== 'longrope')
    refuse(config, 'rope_scaling', 'a type of "longrope", also spelled "su" and "yarn"')
  expectDecoder(config, 'hidden_act')
  return config
}

/** The first files of Phi-3 call its scaling "su" or "yarn". */
function longRope(scaling: RopeScaling | null): RopeScaling | null {
  if (!scaling) return null
  const { type, rope_type = type, ...factors } = scaling
  return { ...factors, rope_type: rope_type === 'su' || rope_type === 'yarn' ? 'longrope' : rope_type }
}
