/** @file `config.json` of ResNet, key for key as transformers' configuration_resnet.py. */
import type { Activation } from '@webformers/graph'
import { backboneKeys } from '../backbone'
import { expectActivation, expectOneOf, type Json, pretrainedConfig, refuse } from '../configuration'

const defaults = {
  model_type: 'resnet',
  num_channels: 3,
  embedding_size: 64,
  hidden_sizes: [256, 512, 1024, 2048] as readonly number[],
  depths: [3, 4, 6, 3] as readonly number[],
  layer_type: 'bottleneck',
  hidden_act: 'relu' as Activation,
  downsample_in_first_stage: false,
  downsample_in_bottleneck: false,
}
export type ResNetConfig = ReturnType<typeof ResNetConfig>

/** The configuration a `config.json` means; `ResNetConfig(**json)` in Python. */
export function ResNetConfig(json: Json = {}) {
  const filled = pretrainedConfig(json, defaults)
  const stages = filled.depths.map((_, stage) => `stage${stage + 1}`)
  const config = {
    ...filled,
    ...backboneKeys({ ...json, model_type: filled.model_type }, ['stem', ...stages]),
  }
  expectActivation(config, 'hidden_act')
  expectOneOf(config, 'layer_type', ['basic', 'bottleneck'])
  if (config.hidden_sizes.length < config.depths.length)
    refuse(config, 'hidden_sizes', `a width for each of the ${config.depths.length} stages that depths names`)
  return config
}
