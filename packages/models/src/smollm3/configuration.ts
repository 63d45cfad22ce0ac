/** @file `config.json` of SmolLM3, key for key as transformers' configuration_smollm3.py. */
import type { Activation } from '@webformers/graph'
import { type Json, pretrainedConfig, refuse } from '../configuration'
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
  model_type: 'smollm3',
  vocab_size: 128256,
  hidden_size: 2048,
  intermediate_size: 11008,
  num_hidden_layers: 36,
  num_attention_heads: 16,
  /** The size of a head where it is not hidden_size / num_attention_heads. */
  head_dim: null as number | null,
  hidden_act: 'silu' as Activation,
  max_position_embeddings: 32768,
  initializer_range: 0.02,
  rms_norm_eps: 1e-6,
  use_cache: true,
  rope_theta: 2_000_000,
  rope_scaling: null as RopeScaling | null,
  use_sliding_window: false,
  /** For each layer 1 where positions turn queries and keys, 0 where they don't. */
  no_rope_layers: null as readonly number[] | null,
  /** Positions turn nothing in every so-manieth layer; the shorter way to say `no_rope_layers`. */
  no_rope_layer_interval: 4,
  layer_types: null as readonly LayerType[] | null,
  attention_bias: false,
  attention_dropout: 0,
  mlp_bias: false,
}

export type SmolLM3Config = ReturnType<typeof SmolLM3Config>

/** The configuration a `config.json` means; `SmolLM3Config(**json)` in Python. */
export function SmolLM3Config(json: Json = {}) {
  const filled = pretrainedConfig(ropeKeys(json), defaults)
  const layers = Array.from({ length: filled.num_hidden_layers }, (_, layer) => layer)
  const { no_rope_layer_interval: interval, use_sliding_window } = filled
  if (!(interval >= 1)) refuse(filled, 'no_rope_layer_interval', 'a number of layers, at least 1')
  const no_rope_layers =
    filled.no_rope_layers ?? layers.map((layer) => ((layer + 1) % interval === 0 ? 0 : 1))
  if (!Array.isArray(no_rope_layers) || no_rope_layers.length < layers.length)
    refuse(
      filled,
      'no_rope_layers',
      `a list of ${layers.length} numbers, 1 where positions turn and 0 where not`,
    )
  const sliding_window = numberOrNull(json, 'sliding_window', null)
  const typeOf = (layer: number): LayerType =>
    use_sliding_window && sliding_window !== null && !no_rope_layers[layer]
      ? 'sliding_attention'
      : 'full_attention'
  const config = {
    ...filled,
    ...specialTokens(json, { bos: 128000, eos: 128001, pad: 128004 }),
    num_key_value_heads: asGiven<number | null>(json, 'num_key_value_heads', 4) ?? filled.num_attention_heads,
    no_rope_layers: no_rope_layers as readonly number[],
    sliding_window,
    layer_types: filled.layer_types ?? layers.map(typeOf),
  }
  expectDecoder(config, 'hidden_act')
  if (sliding_window === null && config.layer_types.includes('sliding_attention'))
    refuse(config, 'sliding_window', 'a number, as layer_types has "sliding_attention"')
  return config
}
