/** @file `config.json` of SigLIP and of its two towers, key for key as transformers' configuration_siglip.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectEncoder, type Json, pretrainedConfig } from '../configuration'
import { towerKeys } from '../tower-configuration'

const shared = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  hidden_act: 'gelu_pytorch_tanh' as Activation,
  layer_norm_eps: 1e-6,
  attention_dropout: 0,
}
const text = {
  ...shared,
  model_type: 'siglip_text_model',
  vocab_size: 32000,
  max_position_embeddings: 64,
  pad_token_id: 1,
  bos_token_id: 49406,
  eos_token_id: 49407,
}
const vision = {
  ...shared,
  model_type: 'siglip_vision_model',
  num_channels: 3,
  image_size: 224,
  patch_size: 16,
}
export type SiglipTextConfig = ReturnType<typeof SiglipTextConfig>
export type SiglipVisionConfig = ReturnType<typeof SiglipVisionConfig>
export type SiglipConfig = ReturnType<typeof SiglipConfig>

/** The configuration of the tower that reads texts; `SiglipTextConfig(**json)` in Python. */
export function SiglipTextConfig(json: Json = {}) {
  const { hidden_size } = pretrainedConfig(json, text)
  const config = pretrainedConfig(json, { ...text, projection_size: hidden_size })
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}

/** The configuration of the tower that sees images; `SiglipVisionConfig(**json)` in Python. */
export function SiglipVisionConfig(json: Json = {}) {
  const filled = pretrainedConfig(json, vision)
  const config = { ...filled, vision_use_head: json.vision_use_head !== false }
  expectActivation(config, 'hidden_act')
  expectEncoder(config)
  return config
}

const defaults = { model_type: 'siglip', initializer_factor: 1 }

/** The configuration a `config.json` means; `SiglipConfig(**json)` in Python. */
export const SiglipConfig = (json: Json = {}) =>
  towerKeys(pretrainedConfig(json, defaults), json, { text: SiglipTextConfig, vision: SiglipVisionConfig })
