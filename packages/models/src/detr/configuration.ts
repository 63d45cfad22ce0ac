/** @file `config.json` of DETR, key for key as transformers' configuration_detr.py. */
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
import { ResNetConfig } from '../resnet/configuration'
import { type TimmResNetPlan, timmResNetPlan } from './timm-resnet'

const defaults = {
  model_type: 'detr',
  use_timm_backbone: true,
  num_channels: 3,
  num_queries: 100,
  encoder_layers: 6,
  encoder_ffn_dim: 2048,
  encoder_attention_heads: 8,
  decoder_layers: 6,
  decoder_ffn_dim: 2048,
  decoder_attention_heads: 8,
  encoder_layerdrop: 0,
  decoder_layerdrop: 0,
  is_encoder_decoder: true,
  activation_function: 'relu' as Activation,
  d_model: 256,
  dropout: 0.1,
  attention_dropout: 0,
  activation_dropout: 0,
  init_std: 0.02,
  init_xavier_std: 1,
  auxiliary_loss: false,
  position_embedding_type: 'sine',
  use_pretrained_backbone: true,
  class_cost: 1,
  bbox_cost: 5,
  giou_cost: 2,
  mask_loss_coefficient: 1,
  dice_loss_coefficient: 1,
  bbox_loss_coefficient: 5,
  giou_loss_coefficient: 2,
  eos_coefficient: 0.1,
}

const attributeMap = { hidden_size: 'd_model', num_attention_heads: 'encoder_attention_heads' } as const

/** The network that makes features of pixels: one as timm names its parts, or one as transformers does. */
export type Backbone =
  | { readonly kind: 'timm'; readonly plan: TimmResNetPlan }
  | { readonly kind: 'resnet'; readonly config: ResNetConfig }

export type DetrConfig = ReturnType<typeof DetrConfig>

/** The configuration a `config.json` means; `DetrConfig(**json)` in Python. */
export function DetrConfig(json: Json = {}) {
  const { encoder_layers } = pretrainedConfig(json, defaults, attributeMap)
  const filled = pretrainedConfig(json, { ...defaults, num_hidden_layers: encoder_layers }, attributeMap)
  const config = { ...filled, ...backboneKeys(json, filled) }
  expectActivation(config, 'activation_function')
  expectOneOf(config, 'position_embedding_type', ['sine', 'learned'])
  if (config.d_model % 2 !== 0) refuse(config, 'd_model', 'an even number')
  for (const key of ['encoder_attention_heads', 'decoder_attention_heads'] as const) {
    if (config.d_model % config[key] !== 0)
      refuse(config, key, `a divisor of d_model, which is ${config.d_model}`)
  }
  const { encoder_layers: encoder, decoder_layers: decoder } = config
  expectHeads(config, { encoder, decoder, cross: decoder })
  return config
}

/** What says which network makes the features. */
function backboneKeys(json: Json, { use_timm_backbone, num_channels }: PretrainedConfig & typeof defaults) {
  if (use_timm_backbone) {
    const standard = {
      ...(json.dilation ? { output_stride: 16 } : {}),
      out_indices: [1, 2, 3, 4],
      in_chans: num_channels,
    }
    return {
      backbone: (json.backbone ?? 'resnet50') as string | null,
      backbone_config: null as ResNetConfig | null,
      backbone_kwargs: (json.backbone_kwargs ?? standard) as Json | null,
      dilation: (json.dilation ?? false) as boolean | null,
    }
  }
  const { model_type = 'resnet', ...given } = (json.backbone_config ?? { out_features: ['stage4'] }) as Json
  if (
    model_type !== 'resnet' ||
    (json.backbone_config === undefined && (json.backbone ?? 'resnet50') !== 'resnet50')
  )
    refuse(
      { model_type: defaults.model_type, ...json },
      json.backbone_config ? 'backbone_config' : 'backbone',
      'the configuration of a model of model_type "resnet", or a ResNet of timm with use_timm_backbone = true',
    )
  return {
    backbone: null as string | null,
    backbone_config: ResNetConfig({ model_type, ...given }) as ResNetConfig | null,
    backbone_kwargs: null as Json | null,
    dilation: null as boolean | null,
  }
}

/** The network that makes features of pixels.
 * @throws {ConfigurationError} when timm's is one that is not written here. */
export function backboneOf(c: DetrConfig): Backbone {
  if (c.backbone_config) return { kind: 'resnet', config: c.backbone_config }
  return { kind: 'timm', plan: timmResNetPlan(c) }
}
