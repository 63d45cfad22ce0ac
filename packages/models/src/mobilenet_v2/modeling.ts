/** @file MobileNetV2 (https://arxiv.org/abs/1801.04381), as transformers' modeling_mobilenet_v2.py. */
import {
  type Activation,
  activations,
  batchNorm2d,
  concat,
  conv2d,
  dropout,
  dropoutFactors,
  interpolate,
  linear,
  module,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { runningStatistics } from '../running-statistics'
import { anyImageInputs, type ImageInputs } from '../vision-embeddings'
import { expandedChannels, MobileNetV2Config, scaledChannels } from './configuration'

interface LayerOptions {
  kernel?: number
  stride?: number
  dilation?: number
  /** Whether each channel has a window of its own. */
  depthwise?: boolean
  eps?: number
  activation?: Activation
}

const MobileNetV2ConvLayer = (
  c: MobileNetV2Config,
  inputs: number,
  outputs: number,
  { kernel = 1, stride = 1, dilation = 1, depthwise = false, ...options }: LayerOptions = {},
) => {
  const { eps = c.layer_norm_eps, activation = c.hidden_act } = options
  const padding = c.tf_padding ? 'same' : Math.trunc((kernel - 1) / 2) * dilation
  const groups = depthwise ? inputs : 1
  return module({
    convolution: conv2d(inputs, outputs, kernel, { stride, dilation, padding, groups, bias: false }),
    normalization: batchNorm2d(outputs, { eps }),
  }).forward((m, x: Tensor) => activations[activation](m.normalization(m.convolution(x))))
}

const MobileNetV2InvertedResidual = (
  c: MobileNetV2Config,
  inputs: number,
  outputs: number,
  stride: number,
  dilation: number,
) => {
  const inner = expandedChannels(c, inputs)
  return module({
    expand_1x1: MobileNetV2ConvLayer(c, inputs, inner),
    conv_3x3: MobileNetV2ConvLayer(c, inner, inner, { kernel: 3, stride, dilation, depthwise: true }),
    reduce_1x1: MobileNetV2ConvLayer(c, inner, outputs, { activation: 'linear' }),
  }).forward((m, x: Tensor) => {
    const changed = m.reduce_1x1(m.conv_3x3(m.expand_1x1(x)))
    return stride === 1 && inputs === outputs ? x.add(changed) : changed
  })
}

const MobileNetV2Stem = (c: MobileNetV2Config, inner: number, outputs: number) =>
  module({
    first_conv: MobileNetV2ConvLayer(c, c.num_channels, inner, { kernel: 3, stride: 2 }),
    expand_1x1: c.first_layer_is_expansion ? undefined : MobileNetV2ConvLayer(c, inner, inner),
    conv_3x3: MobileNetV2ConvLayer(c, inner, inner, { kernel: 3, depthwise: true }),
    reduce_1x1: MobileNetV2ConvLayer(c, inner, outputs, { activation: 'linear' }),
  }).forward((m, { pixel_values }: ImageInputs) => {
    const first = m.first_conv(pixel_values)
    return m.reduce_1x1(m.conv_3x3(m.expand_1x1 ? m.expand_1x1(first) : first))
  })

const CHANNELS = [16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320]
const STRIDES = [2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1]

/** The layers behind the stem. Once the image is as small as `output_stride` says, windows grow instead of it shrinking. */
function layersOf(c: MobileNetV2Config, channels: readonly number[]) {
  let [shrunk, grown] = [2, 1]
  return STRIDES.map((stride, index) => {
    const dilation = shrunk === c.output_stride ? grown : 1
    const kept = shrunk === c.output_stride ? 1 : stride
    if (shrunk === c.output_stride) grown *= stride
    else shrunk *= stride
    return MobileNetV2InvertedResidual(c, channels[index]!, channels[index + 1]!, kept, dilation)
  })
}

const widthOf = (c: MobileNetV2Config) =>
  c.finegrained_output && c.depth_multiplier < 1 ? 1280 : scaledChannels(c, 1280)

export const MobileNetV2Model = (c: MobileNetV2Config, { add_pooling_layer = true } = {}) => {
  const channels = CHANNELS.map((count) => scaledChannels(c, count))
  return module({
    conv_stem: MobileNetV2Stem(c, scaledChannels(c, 32), channels[0]!),
    layer: layersOf(c, channels),
    conv_1x1: MobileNetV2ConvLayer(c, channels.at(-1)!, widthOf(c)),
  }).forward((m, inputs: ImageInputs) => {
    const hidden_states: Tensor[] = []
    let hidden = m.conv_stem(inputs)
    for (const layer of m.layer) {
      hidden = layer(hidden)
      hidden_states.push(hidden)
    }
    const last_hidden_state = m.conv_1x1(hidden)
    const pooler_output = add_pooling_layer ? last_hidden_state.mean([2, 3]) : undefined
    return { last_hidden_state, pooler_output, hidden_states }
  })
}

export const MobileNetV2ForImageClassification = (c: MobileNetV2Config) =>
  module({
    mobilenet_v2: MobileNetV2Model(c),
    classifier: linear(widthOf(c), c.num_labels),
  }).forward((m, inputs: ImageInputs) => {
    const { pooler_output, hidden_states } = m.mobilenet_v2(inputs)
    return { logits: m.classifier(dropout(pooler_output!, c.classifier_dropout_prob)), hidden_states }
  })

/** Training drops whole channels. */
function dropout2d(x: Tensor, probability: number): Tensor {
  const factors = dropoutFactors([...x.shape.slice(0, 2), 1, 1], probability)
  return factors ? x.mul(factors) : x
}

/** What each place looks like, beside what the image as a whole does. */
const MobileNetV2DeepLabV3Plus = (c: MobileNetV2Config) => {
  const layer = (inputs: number) => MobileNetV2ConvLayer(c, inputs, 256, { activation: 'relu', eps: 1e-5 })
  const width = scaledChannels(c, 320)
  return module({
    conv_pool: layer(width),
    conv_aspp: layer(width),
    conv_projection: layer(512),
    classifier: { convolution: conv2d(256, c.num_labels, 1) },
  }).forward((m, features: Tensor) => {
    const whole = m.conv_pool(features.mean([2, 3], { keepdims: true }))
    const size = [features.shape[2]!, features.shape[3]!] as const
    const everywhere = interpolate(whole, { size, mode: 'bilinear', alignCorners: true })
    const both = m.conv_projection(concat([everywhere, m.conv_aspp(features)], 1))
    return m.classifier.convolution(dropout2d(both, c.classifier_dropout_prob))
  })
}

export const MobileNetV2ForSemanticSegmentation = (c: MobileNetV2Config) =>
  module({
    mobilenet_v2: MobileNetV2Model(c, { add_pooling_layer: false }),
    segmentation_head: MobileNetV2DeepLabV3Plus(c),
  }).forward((m, inputs: ImageInputs) => {
    const { hidden_states } = m.mobilenet_v2(inputs)
    return { logits: m.segmentation_head(hidden_states.at(-1)!), hidden_states }
  })

export const architecture: Architecture<MobileNetV2Config> = {
  config: MobileNetV2Config,
  base_model_prefix: 'mobilenet_v2',
  buffers: runningStatistics,
  inputs: (_: Head, c): Inputs => anyImageInputs(c),
  heads: {
    Model: MobileNetV2Model,
    ForImageClassification: MobileNetV2ForImageClassification,
    ForSemanticSegmentation: MobileNetV2ForSemanticSegmentation,
  },
}
