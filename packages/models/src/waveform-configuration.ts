/** @file What the configurations of Wav2Vec2 and HuBERT share. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectEncoder,
  expectOneOf,
  type Json,
  pretrainedConfig,
  refuse,
} from './configuration'

const defaults = {
  vocab_size: 32,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu' as Activation,
  hidden_dropout: 0.1,
  activation_dropout: 0.1,
  attention_dropout: 0.1,
  feat_proj_dropout: 0,
  final_dropout: 0.1,
  layerdrop: 0.1,
  initializer_range: 0.02,
  layer_norm_eps: 1e-5,
  feat_extract_norm: 'group' as 'group' | 'layer',
  feat_extract_activation: 'gelu' as Activation,
  conv_dim: [512, 512, 512, 512, 512, 512, 512] as readonly number[],
  conv_stride: [5, 2, 2, 2, 2, 2, 2] as readonly number[],
  conv_kernel: [10, 3, 3, 3, 3, 2, 2] as readonly number[],
  conv_bias: false,
  num_conv_pos_embeddings: 128,
  num_conv_pos_embedding_groups: 16,
  do_stable_layer_norm: false,
  apply_spec_augment: true,
  mask_time_prob: 0.05,
  mask_time_length: 10,
  mask_time_min_masks: 2,
  mask_feature_prob: 0,
  mask_feature_length: 10,
  mask_feature_min_masks: 0,
  ctc_loss_reduction: 'sum' as 'sum' | 'mean',
  ctc_zero_infinity: false,
  use_weighted_layer_sum: false,
  classifier_proj_size: 256,
  pad_token_id: 0,
  bos_token_id: 1,
  eos_token_id: 2,
}

/** What both have; HuBERT's may do without the norm before the projection, and norm a batch before positions. */
export type WaveformConfig = ReturnType<typeof waveformConfig<{ model_type: string }>> & {
  readonly adapter_attn_dim?: number | null
  readonly feat_proj_layer_norm?: boolean
  readonly conv_pos_batch_norm?: boolean
}

/**
 * A `config.json` with the defaults of these models filled in and its values checked.
 * @param own the defaults of one of them
 * @throws {ConfigurationError} when a value is of another type, or nothing here computes it.
 */
export function waveformConfig<const D extends { model_type: string }>(json: Json, own: D) {
  const config = pretrainedConfig(json, { ...defaults, ...own })
  const { conv_dim } = config
  expectActivation(config, 'hidden_act')
  expectActivation(config, 'feat_extract_activation')
  expectOneOf(config, 'feat_extract_norm', ['group', 'layer'])
  expectOneOf(config, 'ctc_loss_reduction', ['sum', 'mean'])
  expectEncoder(config)
  for (const key of ['conv_stride', 'conv_kernel'] as const)
    if (config[key].length !== conv_dim.length)
      refuse(config, key, `${conv_dim.length} numbers, as many as conv_dim has`)
  return { ...config, num_feat_extract_layers: conv_dim.length }
}
