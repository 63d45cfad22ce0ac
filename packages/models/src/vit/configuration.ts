/** @file `config.json` of ViT, key for key as transformers' configuration_vit.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectEncoder, type Json, pretrainedConfig } from '../configuration'
import { imageSize } from '../image-size'

const defaults = {
  model_type: 'vit',
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  num_channels: 3,
  qkv_bias: true,
  encoder_stride: 16,
  pooler_act: 'tanh' as Activation,
}
export type ViTConfig = ReturnType<typeof ViTConfig>

/** The configuration a `config.json` means; `ViTConfig(**json)` in Python. */
export function ViTConfig(json: Json = {}) {
  const { hidden_size } = pretrainedConfig(json, defaults)
  const config = {
    ...pretrainedConfig(json, { ...defaults, pooler_output_size: hidden_size }),
    ...imageSize(json, 'image_size', 224),
    ...imageSize(json, 'patch_size', 16),
  }
  expectActivation(config, 'hidden_act')
  expectActivation(config, 'pooler_act')
  expectEncoder(config)
  return config
}
