/** @file `config.json` of CLAP and of its two towers, key for key as transformers' configuration_clap.py. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectEncoder,
  expectOneOf,
  type Json,
  pretrainedConfig,
  refuse,
} from '../configuration'
import { expectHeads } from '../heads'
import { heightAndWidth, type ImageSize } from '../image-size'
import { towerKeys } from '../tower-configuration'

const shared = {
  projection_dim: 512,
  projection_hidden_act: 'relu' as Activation,
  initializer_factor: 1,
}
const text = {
  ...shared,
  model_type: 'clap_text_model',
  vocab_size: 50265,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  max_position_embeddings: 514,
  type_vocab_size: 1,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  pad_token_id: 1,
  bos_token_id: 0,
  eos_token_id: 2,
  position_embedding_type: 'absolute',
  use_cache: true,
  classifier_dropout: null as number | null,
}
const audio = {
  ...shared,
  model_type: 'clap_audio_model',
  window_size: 8,
  num_mel_bins: 64,
  spec_size: 256,
  hidden_act: 'gelu' as Activation,
  patch_size: 4 as ImageSize,
  patch_stride: [4, 4] as readonly number[],
  num_classes: 527,
  hidden_size: 768,
  depths: [2, 2, 6, 2] as readonly number[],
  num_attention_heads: [4, 8, 16, 32] as readonly number[],
  enable_fusion: false,
  hidden_dropout_prob: 0.1,
  fusion_type: null as string | null,
  patch_embed_input_channels: 1,
  flatten_patch_embeds: true,
  patch_embeds_hidden_size: 96,
  enable_patch_layer_norm: true,
  drop_path_rate: 0,
  attention_probs_dropout_prob: 0,
  qkv_bias: true,
  mlp_ratio: 4,
  aff_block_r: 4,
  num_hidden_layers: 4,
  layer_norm_eps: 1e-5,
}

export type ClapTextConfig = ReturnType<typeof ClapTextConfig>
export type ClapAudioConfig = ReturnType<typeof ClapAudioConfig>
export type ClapConfig = ReturnType<typeof ClapConfig>

/** The configuration of the tower that reads texts; `ClapTextConfig(**json)` in Python. */
export function ClapTextConfig(json: Json = {}) {
  const config = pretrainedConfig(json, text)
  expectActivation(config, 'hidden_act')
  expectActivation(config, 'projection_hidden_act')
  expectEncoder(config)
  return config
}

/** The configuration of the tower that hears; `ClapAudioConfig(**json)` in Python. */
export function ClapAudioConfig(json: Json = {}) {
  const config = pretrainedConfig(json, audio)
  const { depths, num_attention_heads, patch_embeds_hidden_size: width } = config
  expectActivation(config, 'hidden_act')
  expectActivation(config, 'projection_hidden_act')
  expectOneOf(config, 'flatten_patch_embeds', [true])
  if (config.enable_fusion && config.fusion_type === 'channel_map')
    refuse(config, 'fusion_type', 'any other: Python has no such model, either')
  if (config.spec_size % config.num_mel_bins !== 0)
    refuse(config, 'spec_size', `a multiple of num_mel_bins, which is ${config.num_mel_bins}`)
  if (depths.some((_, stage) => (width * 2 ** stage) % (num_attention_heads[stage] ?? Number.NaN) !== 0))
    refuse(config, 'num_attention_heads', 'a divisor of the width of each stage, which doubles')
  expectHeads(config, { encoder: depths.reduce((sum, depth) => sum + depth, 0) })
  return config
}

/** Rows and columns of patches of the picture that a spectrogram is made. */
export function patchesOf({ spec_size, patch_stride }: ClapAudioConfig): [rows: number, columns: number] {
  const [down, across] = heightAndWidth(patch_stride as unknown as ImageSize)
  return [Math.floor(spec_size / down), Math.floor(spec_size / across)]
}

const defaults = { model_type: 'clap', ...shared, logit_scale_init_value: 1 / 0.07 }

/** The configuration a `config.json` means; `ClapConfig(**json)` in Python. Both towers end in the space that the whole names. */
export function ClapConfig(json: Json = {}) {
  const config = pretrainedConfig(json, defaults)
  const { projection_dim, projection_hidden_act } = config
  const tower = (key: string): Json => ({ ...(json[key] as Json), projection_dim, projection_hidden_act })
  const parts = { text_config: tower('text_config'), audio_config: tower('audio_config') }
  const whole = towerKeys(config, { ...json, ...parts }, { text: ClapTextConfig, audio: ClapAudioConfig })
  const { hidden_size, num_hidden_layers } = whole.text_config
  return { ...whole, hidden_size, num_hidden_layers: num_hidden_layers + whole.audio_config.depths.length }
}
