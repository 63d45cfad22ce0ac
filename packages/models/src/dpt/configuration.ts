/** @file `config.json` of DPT, key for key as transformers' configuration_dpt.py. */
import type { Activation } from '@webformers/graph'
import {
  expectActivation,
  expectEncoder,
  expectOneOf,
  type Json,
  pretrainedConfig,
  refuse,
} from '../configuration'
import { Dinov2Config } from '../dinov2/configuration'
import type { PrunedHeads } from '../heads'
import { imageSize } from '../image-size'

const defaults = {
  model_type: 'dpt',
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu' as Activation,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  patch_size: 16,
  num_channels: 3,
  is_hybrid: false,
  qkv_bias: true,
  readout_type: 'project',
  reassemble_factors: [4, 2, 1, 0.5] as readonly number[],
  neck_hidden_sizes: [96, 192, 384, 768] as readonly number[],
  fusion_hidden_size: 256,
  head_in_index: -1,
  use_batch_norm_in_fusion_residual: false,
  use_bias_in_fusion_residual: null as boolean | null,
  add_projection: false,
  use_auxiliary_head: true,
  auxiliary_loss_weight: 0.4,
  semantic_loss_ignore_index: 255,
  semantic_classifier_dropout: 0.1,
  use_pretrained_backbone: false,
  use_timm_backbone: false,
  backbone: null as string | null,
  backbone_kwargs: null as Json | null,
  backbone_featmap_shape: null as readonly number[] | null,
  neck_ignore_stages: [] as readonly number[],
  pooler_act: 'tanh' as Activation,
}

export type DPTConfig = ReturnType<typeof DPTConfig>

/** The configuration a `config.json` means; `DPTConfig(**json)` in Python. */
export function DPTConfig(json: Json = {}) {
  const { backbone_config: given, ...own } = json
  const { hidden_size } = pretrainedConfig(own, defaults)
  const filled = pretrainedConfig(
    { ...own, neck_ignore_stages: [] },
    { ...defaults, pooler_output_size: hidden_size },
  )
  const config = {
    ...filled,
    ...imageSize(json, 'image_size', 384),
    use_autobackbone: Boolean(given),
    ...backboneKeysOf(given as Json | undefined, filled.pruned_heads),
    backbone_out_indices: given ? null : ((json.backbone_out_indices ?? [2, 5, 8, 11]) as readonly number[]),
  }
  expectActivation(config, 'hidden_act')
  expectActivation(config, 'pooler_act')
  expectOneOf(config, 'is_hybrid', [false])
  expectOneOf(config, 'backbone', [null])
  expectOneOf(config, 'readout_type', ['ignore', 'add', 'project'])
  if (!config.backbone_config) expectEncoder(config)
  return config
}

/** The model that sees, where it is another, and how many heads it has. */
function backboneKeysOf(json: Json | undefined, pruned_heads: PrunedHeads) {
  if (!json) return { backbone_config: null as Dinov2Config | null }
  if (json.model_type !== 'dinov2')
    refuse(
      { model_type: 'dpt', ...{ backbone_config: json } },
      'backbone_config',
      'that of model_type "dinov2"',
    )
  const backbone_config = Dinov2Config({ ...json, pruned_heads })
  return { backbone_config, num_attention_heads: backbone_config.num_attention_heads }
}
