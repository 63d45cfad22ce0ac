/** @file `config.json` of SegFormer, key for key as transformers' configuration_segformer.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, expectOneOf, type Json, pretrainedConfig, refuse } from '../configuration'
import { expectHeads } from '../heads'

const defaults = {
  model_type: 'segformer',
  num_channels: 3,
  num_encoder_blocks: 4,
  depths: [2, 2, 2, 2] as readonly number[],
  sr_ratios: [8, 4, 2, 1] as readonly number[],
  hidden_sizes: [32, 64, 160, 256] as readonly number[],
  patch_sizes: [7, 3, 3, 3] as readonly number[],
  strides: [4, 2, 2, 2] as readonly number[],
  num_attention_heads: [1, 2, 5, 8] as readonly number[],
  mlp_ratios: [4, 4, 4, 4] as readonly number[],
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  classifier_dropout_prob: 0.1,
  initializer_range: 0.02,
  drop_path_rate: 0.1,
  layer_norm_eps: 1e-6, // Python does not read it
  decoder_hidden_size: 256,
  reshape_last_stage: true,
  semantic_loss_ignore_index: 255,
}
export type SegformerConfig = ReturnType<typeof SegformerConfig>

const PER_STAGE = [
  'depths',
  'sr_ratios',
  'hidden_sizes',
  'patch_sizes',
  'strides',
  'num_attention_heads',
  'mlp_ratios',
] as const

/** The configuration a `config.json` means; `SegformerConfig(**json)` in Python. */
export function SegformerConfig(json: Json = {}) {
  const config = pretrainedConfig(json, defaults)
  expectActivation(config, 'hidden_act')
  expectOneOf(config, 'is_decoder', [false])
  const { num_encoder_blocks: stages, hidden_sizes, num_attention_heads } = config
  for (const key of PER_STAGE)
    if (config[key].length < stages)
      refuse(config, key, `a number for each of the ${stages} num_encoder_blocks`)
  if (hidden_sizes.slice(0, stages).some((size, stage) => size % num_attention_heads[stage]! !== 0))
    refuse(config, 'num_attention_heads', `divisors of hidden_sizes, which are ${hidden_sizes.join(', ')}`)
  expectHeads(config, { encoder: config.depths.slice(0, stages).reduce((sum, depth) => sum + depth, 0) })
  return config
}
