/** @file `config.json` of ViTPose and of its backbone, key for key as transformers' configuration_vitpose.py and
 * configuration_vitpose_backbone.py. */
import type { Activation } from '@webformers/graph'
import { backboneKeys } from '../backbone'
import {
  expectActivation,
  expectEncoder,
  expectOneOf,
  type Json,
  pretrainedConfig,
  refuse,
} from '../configuration'
import type { ImageSize } from '../image-size'

const backboneDefaults = {
  model_type: 'vitpose_backbone',
  image_size: [256, 192] as ImageSize,
  patch_size: [16, 16] as ImageSize,
  num_channels: 3,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  mlp_ratio: 4,
  num_experts: 1,
  part_features: 256,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  qkv_bias: true,
}
export type VitPoseBackboneConfig = ReturnType<typeof VitPoseBackboneConfig>

/** The configuration a `config.json` means; `VitPoseBackboneConfig(**json)` in Python. */
export function VitPoseBackboneConfig(json: Json = {}) {
  const filled = pretrainedConfig(json, backboneDefaults)
  const stages = Array.from({ length: filled.num_hidden_layers }, (_, layer) => `stage${layer + 1}`)
  const config = {
    ...filled,
    ...backboneKeys({ model_type: filled.model_type, ...json }, ['stem', ...stages]),
  }
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  if (config.num_experts > 1 && !(config.part_features > 0 && config.part_features < config.hidden_size))
    refuse(config, 'part_features', `a part of hidden_size, which is ${config.hidden_size}`)
  return config
}

const defaults = {
  model_type: 'vitpose',
  backbone: null as string | null,
  use_pretrained_backbone: false,
  use_timm_backbone: false,
  backbone_kwargs: null as Json | null,
  initializer_range: 0.02,
  scale_factor: 4,
  use_simple_decoder: true,
}
export type VitPoseConfig = ReturnType<typeof VitPoseConfig>

/** The configuration a `config.json` means; `VitPoseConfig(**json)` in Python. */
export function VitPoseConfig(json: Json = {}) {
  const { backbone_config: given, ...own } = json
  const filled = pretrainedConfig(own, defaults)
  const backbone = (given ?? { model_type: 'vitpose_backbone', out_indices: [4] }) as Json
  expectOneOf(filled, 'backbone', [null])
  expectOneOf(filled, 'use_timm_backbone', [false])
  if (backbone.model_type !== 'vitpose_backbone')
    refuse(
      { model_type: filled.model_type, ...json },
      'backbone_config',
      'that of model_type "vitpose_backbone"',
    )
  const backbone_config = VitPoseBackboneConfig({ ...backbone, pruned_heads: filled.pruned_heads })
  return { ...filled, backbone_config, num_attention_heads: backbone_config.num_attention_heads }
}
