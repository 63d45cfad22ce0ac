/** @file `config.json` of Depth Anything, key for key as transformers' configuration_depth_anything.py. */
import { expectOneOf, type Json, pretrainedConfig, refuse } from '../configuration'
import { Dinov2Config } from '../dinov2/configuration'

const defaults = {
  model_type: 'depth_anything',
  use_pretrained_backbone: false,
  use_timm_backbone: false,
  backbone: null as string | null,
  backbone_kwargs: null as Json | null,
  patch_size: 14,
  initializer_range: 0.02,
  reassemble_hidden_size: 384,
  reassemble_factors: [4, 2, 1, 0.5] as readonly number[],
  neck_hidden_sizes: [48, 96, 192, 384] as readonly number[],
  fusion_hidden_size: 64,
  head_in_index: -1,
  head_hidden_size: 32,
  depth_estimation_type: 'relative',
  max_depth: 1,
}

const standardBackbone = {
  model_type: 'dinov2',
  image_size: 518,
  hidden_size: 384,
  num_attention_heads: 6,
  out_indices: [9, 10, 11, 12],
  apply_layernorm: true,
  reshape_hidden_states: false,
}

export type DepthAnythingConfig = ReturnType<typeof DepthAnythingConfig>

/** The configuration a `config.json` means; `DepthAnythingConfig(**json)` in Python. */
export function DepthAnythingConfig(json: Json = {}) {
  const { backbone_config: given, max_depth, ...own } = json
  const filled = pretrainedConfig({ ...own, ...(max_depth ? { max_depth } : {}) }, defaults)
  const backbone = (given ?? standardBackbone) as Json
  expectOneOf(filled, 'backbone', [null])
  expectOneOf(filled, 'depth_estimation_type', ['relative', 'metric'])
  if (backbone.model_type !== 'dinov2')
    refuse({ model_type: filled.model_type, ...json }, 'backbone_config', 'that of model_type "dinov2"')
  const { pruned_heads } = filled
  const backbone_config = Dinov2Config({ ...backbone, pruned_heads })
  return { ...filled, backbone_config, num_attention_heads: backbone_config.num_attention_heads }
}
