/** @file `config.json` of ConvNeXt, key for key as transformers' configuration_convnext.py. */
import type { Activation } from '@webformers/graph'
import { backboneKeys } from '../backbone'
import { expectActivation, type Json, pretrainedConfig, refuse } from '../configuration'
import { imageSize } from '../image-size'

const defaults = {
  model_type: 'convnext',
  num_channels: 3,
  num_stages: 4,
  hidden_sizes: [96, 192, 384, 768] as readonly number[],
  depths: [3, 3, 9, 3] as readonly number[],
  hidden_act: 'gelu' as Activation,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  layer_scale_init_value: 1e-6,
  drop_path_rate: 0,
}
export type ConvNextConfig = ReturnType<typeof ConvNextConfig>

/** The configuration a `config.json` means; `ConvNextConfig(**json)` in Python. */
export function ConvNextConfig(json: Json = {}) {
  const filled = pretrainedConfig(json, defaults)
  const stages = filled.depths.map((_, stage) => `stage${stage + 1}`)
  const config = {
    ...filled,
    ...imageSize(json, 'image_size', 224),
    ...imageSize(json, 'patch_size', 4),
    ...backboneKeys({ ...json, model_type: filled.model_type }, ['stem', ...stages]),
  }
  expectActivation(config, 'hidden_act')
  if (config.num_stages > Math.min(config.depths.length, config.hidden_sizes.length))
    refuse(config, 'num_stages', 'no more than depths and hidden_sizes have entries')
  return config
}
