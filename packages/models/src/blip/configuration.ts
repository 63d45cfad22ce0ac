/** @file `config.json` of BLIP, key for key as transformers' configuration_blip.py. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectOneOf,
  type Json,
  type PretrainedConfig,
  pretrainedConfig,
  refuse,
} from '../configuration'
import { expectHeads } from '../heads'

const text = {
  model_type: 'blip_text_model',
  vocab_size: 30524,
  hidden_size: 768,
  encoder_hidden_size: 768,
  intermediate_size: 3072,
  projection_dim: 768,
  num_hidden_layers: 12,
  num_attention_heads: 8,
  max_position_embeddings: 512,
  hidden_act: 'gelu' as Activation,
  layer_norm_eps: 1e-12,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  bos_token_id: 30522,
  eos_token_id: 2,
  pad_token_id: 0,
  sep_token_id: 102,
  is_decoder: true,
  use_cache: true,
  label_smoothing: 0,
}
const vision = {
  model_type: 'blip_vision_model',
  hidden_size: 768,
  intermediate_size: 3072,
  projection_dim: 512,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  num_channels: 3,
  image_size: 384,
  patch_size: 16,
  hidden_act: 'gelu' as Activation,
  layer_norm_eps: 1e-5,
  attention_dropout: 0,
  initializer_range: 1e-10,
}
const defaults = {
  model_type: 'blip',
  projection_dim: 512,
  logit_scale_init_value: 2.6592,
  image_text_hidden_size: 256,
  label_smoothing: 0,
  initializer_factor: 1,
  initializer_range: 0.02,
}
export type BlipTextConfig = ReturnType<typeof BlipTextConfig>
export type BlipVisionConfig = ReturnType<typeof BlipVisionConfig>
export type BlipConfig = ReturnType<typeof BlipConfig>

function BlipTextConfig(json: Json) {
  const config = pretrainedConfig(json, text)
  expectSizes(config)
  return config
}

function BlipVisionConfig(json: Json) {
  const config = pretrainedConfig(json, vision)
  expectSizes(config)
  return config
}

/** The configuration a `config.json` means; `BlipConfig(**json)` in Python. What reads a text looks at images, which are as wide as
 * the vision model makes them. */
export function BlipConfig(json: Json = {}) {
  const filled = pretrainedConfig(json, defaults)
  const vision_config = BlipVisionConfig((json.vision_config as Json) ?? {})
  const given = BlipTextConfig((json.text_config as Json) ?? {})
  const text_config = { ...given, encoder_hidden_size: vision_config.hidden_size }
  const config = { ...filled, text_config, vision_config }
  expectOneOf(text_config, 'is_decoder', [true])
  const [texts, images] = [text_config.num_hidden_layers, vision_config.num_hidden_layers]
  expectHeads(config, { vision: images, text: texts, decoder: texts, cross: texts })
  return config
}

interface Sizes extends PretrainedConfig {
  readonly hidden_size: number
  readonly num_attention_heads: number
  readonly hidden_act: Activation
}

function expectSizes(config: Sizes) {
  expectActivation(config, 'hidden_act')
  if (config.hidden_size % config.num_attention_heads !== 0)
    refuse(config, 'num_attention_heads', `a divisor of hidden_size, which is ${config.hidden_size}`)
}
