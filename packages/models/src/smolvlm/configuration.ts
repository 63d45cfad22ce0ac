/** @file `config.json` of SmolVLM, key for key as transformers' configuration_smolvlm.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectOneOf, type Json, pretrainedConfig, refuse } from '../configuration'
import { expectHeads } from '../heads'
import { LlamaConfig } from '../llama/configuration'
import { towerHeads } from '../tower-configuration'

const vision = {
  model_type: 'smolvlm_vision',
  hidden_size: 1152,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 16,
  num_channels: 3,
  image_size: 224,
  patch_size: 32,
  hidden_act: 'gelu_pytorch_tanh' as Activation,
  layer_norm_eps: 1e-6,
  attention_dropout: 0,
  initializer_range: 0.02,
}
const defaults = {
  model_type: 'smolvlm',
  use_cache: true,
  image_token_id: 128257,
  tie_word_embeddings: false,
  scale_factor: 2,
  pad_token_id: 128002,
}
export type SmolVLMVisionConfig = ReturnType<typeof SmolVLMVisionConfig>
export type SmolVLMConfig = ReturnType<typeof SmolVLMConfig>

function SmolVLMVisionConfig(json: Json) {
  const config = pretrainedConfig(json, vision)
  expectActivation(config, 'hidden_act')
  const { hidden_size, num_attention_heads } = config
  if (hidden_size % num_attention_heads !== 0)
    refuse(config, 'num_attention_heads', `a divisor of hidden_size, which is ${hidden_size}`)
  expectHeads(config, { encoder: config.num_hidden_layers })
  return config
}

/** The configuration a `config.json` means; `SmolVLMConfig(**json)` in Python. */
export function SmolVLMConfig(json: Json = {}) {
  const filled = pretrainedConfig(json, defaults)
  const vision_config = SmolVLMVisionConfig({
    model_type: `${filled.model_type}_vision`,
    ...(json.vision_config as Json | undefined),
    pruned_heads: towerHeads('vision', filled.pruned_heads),
  })
  const standard = { rms_norm_eps: 1e-5, pad_token_id: filled.pad_token_id }
  const text_config = LlamaConfig({
    model_type: 'llama',
    ...((json.text_config as Json | undefined) ?? standard),
    pruned_heads: Object.fromEntries(
      Object.entries(filled.pruned_heads).filter(([key]) => !key.startsWith('vision.')),
    ),
  })
  expectOneOf(text_config, 'model_type', ['llama'])
  return { ...filled, text_config, vision_config }
}
