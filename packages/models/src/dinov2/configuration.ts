/** @file `config.json` of DINOv2, key for key as transformers' configuration_dinov2.py. */
import type { Activation } from '@webformers/graph'
import { backboneKeys } from '../backbone'
import { expectActivation, expectEncoder, type Json, pretrainedConfig } from '../configuration'
import { imageSize } from '../image-size'

const defaults = {
  model_type: 'dinov2',
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  mlp_ratio: 4,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  layer_norm_eps: 1e-6,
  num_channels: 3,
  qkv_bias: true,
  layerscale_value: 1,
  drop_path_rate: 0,
  use_swiglu_ffn: false,
  apply_layernorm: true,
  reshape_hidden_states: true,
  use_mask_token: true,
}
export type Dinov2Config = ReturnType<typeof Dinov2Config>

/** The configuration a `config.json` means; `Dinov2Config(**json)` in Python. */
export function Dinov2Config(json: Json = {}) {
  const filled = pretrainedConfig(json, defaults)
  const stages = Array.from({ length: filled.num_hidden_layers }, (_, layer) => `stage${layer + 1}`)
  const config = {
    ...filled,
    ...imageSize(json, 'image_size', 224),
    ...imageSize(json, 'patch_size', 14),
    ...backboneKeys({ model_type: filled.model_type, ...json }, ['stem', ...stages]),
  }
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}
