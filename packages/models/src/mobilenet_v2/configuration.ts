/** @file `config.json` of MobileNetV2, key for key as transformers' configuration_mobilenet_v2.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, type Json, pretrainedConfig, refuse } from '../configuration'

const defaults = {
  model_type: 'mobilenet_v2',
  num_channels: 3,
  image_size: 224,
  depth_multiplier: 1,
  depth_divisible_by: 8,
  min_depth: 8,
  expand_ratio: 6,
  output_stride: 32,
  first_layer_is_expansion: true,
  finegrained_output: true,
  hidden_act: 'relu6' as Activation,
  tf_padding: true,
  classifier_dropout_prob: 0.8,
  initializer_range: 0.02,
  layer_norm_eps: 0.001,
  semantic_loss_ignore_index: 255,
}
export type MobileNetV2Config = ReturnType<typeof MobileNetV2Config>

/** The configuration a `config.json` means; `MobileNetV2Config(**json)` in Python. */
export function MobileNetV2Config(json: Json = {}) {
  const config = pretrainedConfig(json, defaults)
  expectActivation(config, 'hidden_act')
  if (config.depth_multiplier <= 0) refuse(config, 'depth_multiplier', 'a number greater than zero')
  return config
}

/** A number of channels that the layers divide by 8, or what else the configuration says; not much smaller than it was. */
function divisible(channels: number, { depth_divisible_by: by, min_depth }: MobileNetV2Config): number {
  const nearest = Math.max(min_depth, Math.floor(Math.trunc(channels + by / 2) / by) * by)
  return nearest < 0.9 * channels ? nearest + by : nearest
}

/** To the nearest whole number, and from halfway to the even one, as Python rounds. */
function rounded(value: number): number {
  const down = Math.floor(value)
  if (value - down !== 0.5) return Math.round(value)
  return down % 2 === 0 ? down : down + 1
}

/** As many channels as a layer has that has so many without a multiplier. */
export const scaledChannels = (c: MobileNetV2Config, channels: number): number =>
  divisible(rounded(channels * c.depth_multiplier), c)

/** As many channels as a layer has inside. */
export const expandedChannels = (c: MobileNetV2Config, channels: number): number =>
  divisible(rounded(channels * c.expand_ratio), c)
