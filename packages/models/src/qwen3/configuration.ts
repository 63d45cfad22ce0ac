/** @file `config.json` of Qwen3, key for key as transformers' configuration_qwen3.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig } from '../configuration'
import { expectDecoder, type LayerType, ropeKeys } from '../decoder-configuration'
import { qwenKeys } from '../qwen2/configuration'
import type { RopeScaling } from '../rope'

const defaults = {
  model_type: 'qwen3',
  vocab_size: 151936,
  hidden_size: 4096,
  intermediate_size: 22016,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  head_dim: 128,
  hidden_act: 'silu' as Activation,
  max_position_embeddings: 32768,
  initializer_range: 0.02,
  rms_norm_eps: 1e-6,
  use_cache: true,
  tie_word_embeddings: false,
  rope_theta: 10000,
  rope_scaling: null as RopeScaling | null,
  attention_bias: false,
  use_sliding_window: false,
  max_window_layers: 28,
  layer_types: null as readonly LayerType[] | null,
  attention_dropout: 0,
}

export type Qwen3Config = ReturnType<typeof Qwen3Config>

/** The configuration a `config.json` means; `Qwen3Config(**json)` in Python. */
export function Qwen3Config(json: Json = {}) {
  const filled = pretrainedConfig(ropeKeys(json), defaults)
  const config = { ...filled, ...qwenKeys(json, filled) }
  expectDecoder(config, 'hidden_act')
  return config
}
