/** @file `config.json` of OWL-ViT and of its two towers, key for key as transformers' configuration_owlvit.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectEncoder, type Json, pretrainedConfig } from '../configuration'
import { towerKeys } from '../tower-configuration'

const shared = {
  num_hidden_layers: 12,
  hidden_act: 'quick_gelu' as Activation,
  layer_norm_eps: 1e-5,
  attention_dropout: 0,
  initializer_range: 0.02,
  initializer_factor: 1,
}
export const textDefaults = {
  ...shared,
  model_type: 'owlvit_text_model',
  vocab_size: 49408,
  hidden_size: 512,
  intermediate_size: 2048,
  num_attention_heads: 8,
  max_position_embeddings: 16,
  pad_token_id: 0,
  bos_token_id: 49406,
  eos_token_id: 49407,
}
export const visionDefaults = {
  ...shared,
  model_type: 'owlvit_vision_model',
  hidden_size: 768,
  intermediate_size: 3072,
  num_attention_heads: 12,
  num_channels: 3,
  image_size: 768,
  patch_size: 32,
}
export const defaults = {
  model_type: 'owlvit',
  projection_dim: 512,
  logit_scale_init_value: 2.6592,
  initializer_factor: 1,
}
export type OwlViTTextConfig = ReturnType<typeof OwlViTTextConfig>
export type OwlViTVisionConfig = ReturnType<typeof OwlViTVisionConfig>
export type OwlViTConfig = ReturnType<typeof OwlViTConfig>

/** The configuration of the tower that reads what to look for; `OwlViTTextConfig(**json)` in Python. */
export function OwlViTTextConfig(json: Json = {}, own = textDefaults) {
  const config = pretrainedConfig(json, own)
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}

/** The configuration of the tower that sees images; `OwlViTVisionConfig(**json)` in Python. */
export function OwlViTVisionConfig(json: Json = {}, own = visionDefaults) {
  const config = pretrainedConfig(json, own)
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}

/** The configuration a `config.json` means; `OwlViTConfig(**json)` in Python. */
export const OwlViTConfig = (json: Json = {}) =>
  towerKeys(pretrainedConfig(json, defaults), json, {
    text: (part) => OwlViTTextConfig(part),
    vision: (part) => OwlViTVisionConfig(part),
  })
