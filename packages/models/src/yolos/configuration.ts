/** @file `config.json` of YOLOS, key for key as transformers' configuration_yolos.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectEncoder, type Json, pretrainedConfig, refuse } from '../configuration'
import { heightAndWidth, imageSize } from '../image-size'

const defaults = {
  model_type: 'yolos',
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  patch_size: 16,
  num_channels: 3,
  qkv_bias: true,
  num_detection_tokens: 100,
  use_mid_position_embeddings: true,
  auxiliary_loss: false,
  class_cost: 1,
  bbox_cost: 5,
  giou_cost: 2,
  bbox_loss_coefficient: 5,
  giou_loss_coefficient: 2,
  eos_coefficient: 0.1,
}

export type YolosConfig = ReturnType<typeof YolosConfig>

/** The configuration a `config.json` means; `YolosConfig(**json)` in Python. */
export function YolosConfig(json: Json = {}) {
  const config = {
    ...pretrainedConfig(json, defaults),
    ...imageSize({ ...json, image_size: json.image_size ?? [512, 864] }, 'image_size', 512),
  }
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  const { image_size, patch_size } = config
  if (heightAndWidth(image_size).some((length) => length % patch_size !== 0))
    refuse(config, 'image_size', `multiples of patch_size, which is ${patch_size}`)
  return config
}
