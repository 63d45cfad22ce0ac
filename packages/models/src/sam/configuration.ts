/** @file `config.json` of SAM, key for key as transformers' configuration_sam.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, type Json, pretrainedConfig, refuse } from '../configuration'
import { expectHeads } from '../heads'
import { towerKeys } from '../tower-configuration'

const visionDefaults = {
  model_type: 'sam_vision_model',
  hidden_size: 768,
  output_channels: 256,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  num_channels: 3,
  image_size: 1024,
  patch_size: 16,
  hidden_act: 'gelu' as Activation,
  layer_norm_eps: 1e-6,
  attention_dropout: 0,
  initializer_range: 1e-10,
  qkv_bias: true,
  mlp_ratio: 4,
  use_abs_pos: true,
  use_rel_pos: true,
  window_size: 14,
  global_attn_indexes: [2, 5, 8, 11] as readonly number[],
  num_pos_feats: 128,
}

export type SamVisionConfig = ReturnType<typeof SamVisionConfig>

/** The configuration of the part that reads the image; `SamVisionConfig(**json)` in Python. */
export function SamVisionConfig(json: Json = {}) {
  const { hidden_size, mlp_ratio } = pretrainedConfig(json, visionDefaults)
  const config = pretrainedConfig(json, { ...visionDefaults, mlp_dim: Math.trunc(hidden_size * mlp_ratio) })
  expectActivation(config, 'hidden_act')
  if (config.hidden_size % config.num_attention_heads !== 0)
    refuse(config, 'num_attention_heads', `a divisor of hidden_size, which is ${config.hidden_size}`)
  expectHeads(config, { encoder: config.num_hidden_layers })
  return config
}

const promptDefaults = {
  model_type: '',
  hidden_size: 256,
  image_size: 1024,
  patch_size: 16,
  mask_input_channels: 16,
  num_point_embeddings: 4,
  hidden_act: 'gelu' as Activation,
  layer_norm_eps: 1e-6,
}

export type SamPromptEncoderConfig = ReturnType<typeof SamPromptEncoderConfig>

/** The configuration of the part that reads points, boxes and masks. */
export function SamPromptEncoderConfig(json: Json = {}) {
  const { image_size, patch_size } = pretrainedConfig(json, promptDefaults)
  const defaults = { ...promptDefaults, image_embedding_size: Math.floor(image_size / patch_size) }
  const config = pretrainedConfig(json, defaults)
  expectActivation(config, 'hidden_act')
  return config
}

const decoderDefaults = {
  model_type: '',
  hidden_size: 256,
  hidden_act: 'relu' as Activation,
  mlp_dim: 2048,
  num_hidden_layers: 2,
  num_attention_heads: 8,
  attention_downsample_rate: 2,
  num_multimask_outputs: 3,
  iou_head_depth: 3,
  iou_head_hidden_dim: 256,
  layer_norm_eps: 1e-6,
}

export type SamMaskDecoderConfig = ReturnType<typeof SamMaskDecoderConfig>

/** The configuration of the part that draws masks. */
export function SamMaskDecoderConfig(json: Json = {}) {
  const config = pretrainedConfig(json, decoderDefaults)
  expectActivation(config, 'hidden_act')
  const inner = Math.floor(config.hidden_size / config.attention_downsample_rate)
  if (inner % config.num_attention_heads !== 0)
    refuse(
      config,
      'num_attention_heads',
      `a divisor of hidden_size / attention_downsample_rate, which is ${inner}`,
    )
  return config
}

const defaults = { model_type: 'sam', initializer_range: 0.02 }

export type SamConfig = ReturnType<typeof SamConfig>

/** The configuration a `config.json` means; `SamConfig(**json)` in Python. */
export function SamConfig(json: Json = {}) {
  const config = towerKeys(pretrainedConfig(json, defaults), json, { vision: SamVisionConfig })
  return {
    ...config,
    prompt_encoder_config: SamPromptEncoderConfig(json.prompt_encoder_config as Json),
    mask_decoder_config: SamMaskDecoderConfig(json.mask_decoder_config as Json),
  }
}
