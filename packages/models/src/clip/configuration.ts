/** @file `config.json` of CLIP and of its two towers, key for key as transformers' configuration_clip.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectEncoder, type Json, pretrainedConfig } from '../configuration'
import { towerKeys } from '../tower-configuration'

const shared = {
  projection_dim: 512,
  num_hidden_layers: 12,
  hidden_act: 'quick_gelu' as Activation,
  layer_norm_eps: 1e-5,
  attention_dropout: 0,
  initializer_range: 0.02,
  initializer_factor: 1,
}
const text = {
  ...shared,
  model_type: 'clip_text_model',
  vocab_size: 49408,
  hidden_size: 512,
  intermediate_size: 2048,
  num_attention_heads: 8,
  max_position_embeddings: 77,
  pad_token_id: 1,
  bos_token_id: 49406,
  eos_token_id: 49407,
}
const vision = {
  ...shared,
  model_type: 'clip_vision_model',
  hidden_size: 768,
  intermediate_size: 3072,
  num_attention_heads: 12,
  num_channels: 3,
  image_size: 224,
  patch_size: 32,
}
export type CLIPTextConfig = ReturnType<typeof CLIPTextConfig>
export type CLIPVisionConfig = ReturnType<typeof CLIPVisionConfig>
export type CLIPConfig = ReturnType<typeof CLIPConfig>

/** The configuration of the tower that reads texts; `CLIPTextConfig(**json)` in Python. */
export function CLIPTextConfig(json: Json = {}) {
  const config = pretrainedConfig(json, text)
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}

/** The configuration of the tower that sees images; `CLIPVisionConfig(**json)` in Python. */
export function CLIPVisionConfig(json: Json = {}) {
  const config = pretrainedConfig(json, vision)
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}

const defaults = {
  model_type: 'clip',
  projection_dim: 512,
  logit_scale_init_value: 2.6592,
  initializer_factor: 1,
}

/** The configuration a `config.json` means; `CLIPConfig(**json)` in Python. What old files say under `text_config_dict` and
 * `vision_config_dict` goes before what they say under `text_config` and `vision_config`. */
export const CLIPConfig = (json: Json = {}) =>
  towerKeys(pretrainedConfig(json, defaults), json, { text: CLIPTextConfig, vision: CLIPVisionConfig })
