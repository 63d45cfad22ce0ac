/** @file `config.json` of Swin, key for key as transformers' configuration_swin.py. */
import type { Activation } from '@webformers/graph'
import { backboneKeys } from '../backbone'
import { expectActivation, expectOneOf, type Json, pretrainedConfig, refuse } from '../configuration'
import { expectHeads } from '../heads'
import { heightAndWidth, imageSize } from '../image-size'

const defaults = {
  model_type: 'swin',
  num_channels: 3,
  embed_dim: 96,
  depths: [2, 2, 6, 2] as readonly number[],
  num_heads: [3, 6, 12, 24] as readonly number[],
  window_size: 7,
  mlp_ratio: 4,
  qkv_bias: true,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  drop_path_rate: 0.1,
  hidden_act: 'gelu' as Activation,
  use_absolute_embeddings: false,
  initializer_range: 0.02,
  layer_norm_eps: 1e-5,
  encoder_stride: 32,
}

const attributeMap = { num_attention_heads: 'num_heads', num_hidden_layers: 'num_layers' } as const

export type SwinConfig = ReturnType<typeof SwinConfig>

/** The configuration a `config.json` means; `SwinConfig(**json)` in Python. */
export function SwinConfig(json: Json = {}) {
  const { num_layers: _, num_hidden_layers: __, hidden_size: ___, ...given } = json
  const { depths, embed_dim, model_type } = pretrainedConfig(given, defaults)
  const config = {
    ...pretrainedConfig(
      given,
      { ...defaults, num_layers: depths.length, hidden_size: widthOf(embed_dim, depths.length - 1) },
      attributeMap,
    ),
    ...imageSize(json, 'image_size', 224),
    ...imageSize(json, 'patch_size', 4),
    ...backboneKeys({ ...json, model_type }, ['stem', ...depths.map((_, stage) => `stage${stage + 1}`)]),
  }
  expectActivation(config, 'hidden_act')
  expectOneOf(config, 'is_decoder', [false])
  expectOneOf(config, 'use_absolute_embeddings', [false]) // Python's don't fit its own patches
  if (depths.some((_, stage) => widthOf(embed_dim, stage) % (config.num_heads[stage] ?? Number.NaN) !== 0))
    refuse(config, 'num_heads', 'a divisor of the width for each stage, which is embed_dim and doubles')
  expectHeads(config, { encoder: depths.reduce((sum, depth) => sum + depth, 0) })
  return config
}

/** How many channels a stage has. */
export const widthOf = (embed_dim: number, stage: number): number => Math.trunc(embed_dim * 2 ** stage)

/** How many patches an image has from top to bottom and from left to right, one that is cut off among them. */
export function patchGrid({ image_size, patch_size }: SwinConfig): [rows: number, columns: number] {
  const [image, patch] = [heightAndWidth(image_size), heightAndWidth(patch_size)]
  return [Math.ceil(image[0] / patch[0]), Math.ceil(image[1] / patch[1])]
}
