/** @file `config.json` of Qwen2, key for key as transformers' configuration_qwen2.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig } from '../configuration'
import {
  asGiven,
  expectDecoder,
  type LayerType,
  numberOrNull,
  ropeKeys,
  specialTokens,
} from '../decoder-configuration'
import type { RopeScaling } from '../rope'

const defaults = {
  model_type: 'qwen2',
  vocab_size: 151936,
  hidden_size: 4096,
  intermediate_size: 22016,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  /** The size of a head where it is not hidden_size / num_attention_heads. */
  head_dim: null as number | null,
  hidden_act: 'silu' as Activation,
  max_position_embeddings: 32768,
  initializer_range: 0.02,
  rms_norm_eps: 1e-6,
  use_cache: true,
  tie_word_embeddings: false,
  rope_theta: 10000,
  rope_scaling: null as RopeScaling | null,
  use_sliding_window: false,
  max_window_layers: 28,
  layer_types: null as readonly LayerType[] | null,
  attention_dropout: 0,
}

export type Qwen2Config = ReturnType<typeof Qwen2Config>

/** The configuration a `config.json` means; `Qwen2Config(**json)` in Python. */
export function Qwen2Config(json: Json = {}) {
  const filled = pretrainedConfig(ropeKeys(json), defaults)
  const config = { ...filled, ...qwenKeys(json, filled) }
  expectDecoder(config, 'hidden_act')
  return config
}

/** What Qwen2 and Qwen3 fill in from other keys: heads, and windows from the layer that max_window_layers counts to. */
export function qwenKeys(
  json: Json,
  c: Pick<
    typeof defaults,
    'num_attention_heads' | 'num_hidden_layers' | 'use_sliding_window' | 'max_window_layers' | 'layer_types'
  >,
) {
  const sliding_window = c.use_sliding_window ? numberOrNull(json, 'sliding_window', 4096) : null
  const typeOf = (layer: number): LayerType =>
    sliding_window !== null && layer >= c.max_window_layers ? 'sliding_attention' : 'full_attention'
  return {
    ...specialTokens(json, { bos: null, eos: null, pad: null }),
    num_key_value_heads: asGiven<number | null>(json, 'num_key_value_heads', 32) ?? c.num_attention_heads,
    sliding_window,
    layer_types: c.layer_types ?? Array.from({ length: c.num_hidden_layers }, (_, layer) => typeOf(layer)),
  }
}
