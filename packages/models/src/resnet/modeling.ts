/** @file ResNet (https://arxiv.org/abs/1512.03385), as transformers' modeling_resnet.py. */
import {
  type Activation,
  activations,
  batchNorm2d,
  conv2d,
  linear,
  maxPool2d,
  module,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { chosenStages } from '../backbone'
import { runningStatistics } from '../running-statistics'
import { anyImageInputs, type ImageInputs } from '../vision-embeddings'
import { ResNetConfig } from './configuration'

interface ConvolutionOptions {
  kernel?: number
  stride?: number
  activation?: Activation
}

const ResNetConvLayer = (
  inputs: number,
  outputs: number,
  { kernel = 3, stride = 1, activation = 'relu' }: ConvolutionOptions = {},
) =>
  module({
    convolution: conv2d(inputs, outputs, kernel, { stride, padding: Math.floor(kernel / 2), bias: false }),
    normalization: batchNorm2d(outputs),
  }).forward((m, x: Tensor) => activations[activation](m.normalization(m.convolution(x))))

const ResNetEmbeddings = (c: ResNetConfig) =>
  module({
    embedder: ResNetConvLayer(c.num_channels, c.embedding_size, {
      kernel: 7,
      stride: 2,
      activation: c.hidden_act,
    }),
  }).forward((m, { pixel_values }: ImageInputs) =>
    maxPool2d(m.embedder(pixel_values), 3, { stride: 2, padding: 1 }),
  )

const ResNetShortCut = (inputs: number, outputs: number, stride: number) =>
  module({
    convolution: conv2d(inputs, outputs, 1, { stride, bias: false }),
    normalization: batchNorm2d(outputs),
  }).forward((m, x: Tensor) => m.normalization(m.convolution(x)))

/** The convolutions of a layer, one behind the other; the last has no activation. */
function convolutions(c: ResNetConfig, inputs: number, outputs: number, stride: number) {
  if (c.layer_type === 'basic')
    return [
      ResNetConvLayer(inputs, outputs, { stride }),
      ResNetConvLayer(outputs, outputs, { activation: 'linear' }),
    ]
  const inner = Math.floor(outputs / 4)
  const [first, second] = c.downsample_in_bottleneck ? [stride, 1] : [1, stride]
  return [
    ResNetConvLayer(inputs, inner, { kernel: 1, stride: first }),
    ResNetConvLayer(inner, inner, { stride: second }),
    ResNetConvLayer(inner, outputs, { kernel: 1, activation: 'linear' }),
  ]
}

const ResNetLayer = (c: ResNetConfig, inputs: number, outputs: number, stride: number) =>
  module({
    shortcut: inputs !== outputs || stride !== 1 ? ResNetShortCut(inputs, outputs, stride) : undefined,
    layer: convolutions(c, inputs, outputs, stride),
  }).forward((m, x: Tensor) => {
    const changed = m.layer.reduce((hidden, each) => each(hidden), x)
    return activations[c.hidden_act](changed.add(m.shortcut ? m.shortcut(x) : x))
  })

const ResNetStage = (c: ResNetConfig, inputs: number, outputs: number, stride: number, depth: number) =>
  module({
    layers: Array.from({ length: depth }, (_, index) =>
      index === 0 ? ResNetLayer(c, inputs, outputs, stride) : ResNetLayer(c, outputs, outputs, 1),
    ),
  }).forward(({ layers }, x: Tensor) => layers.reduce((hidden, layer) => layer(hidden), x))

const ResNetEncoder = (c: ResNetConfig) =>
  module({
    stages: c.depths.map((depth, stage) => {
      const stride = stage > 0 || c.downsample_in_first_stage ? 2 : 1
      const inputs = stage === 0 ? c.embedding_size : c.hidden_sizes[stage - 1]!
      return ResNetStage(c, inputs, c.hidden_sizes[stage]!, stride, depth)
    }),
  }).forward(({ stages }, embedding: Tensor) => {
    const hidden_states = [embedding]
    for (const stage of stages) hidden_states.push(stage(hidden_states.at(-1)!))
    return { last_hidden_state: hidden_states.at(-1)!, hidden_states }
  })

const stem = (c: ResNetConfig) => ({ embedder: ResNetEmbeddings(c), encoder: ResNetEncoder(c) })

export const ResNetModel = (c: ResNetConfig) =>
  module(stem(c)).forward((m, inputs: ImageInputs) => {
    const { last_hidden_state, hidden_states } = m.encoder(m.embedder(inputs))
    const pooler_output = last_hidden_state.mean([2, 3], { keepdims: true })
    return { last_hidden_state, pooler_output, hidden_states }
  })

export const ResNetForImageClassification = (c: ResNetConfig) => {
  const width = c.hidden_sizes.at(-1)!
  return module({ resnet: ResNetModel(c), classifier: { 1: linear(width, c.num_labels) } }).forward(
    (m, inputs: ImageInputs) => {
      const { pooler_output, hidden_states } = m.resnet(inputs)
      return { logits: m.classifier[1](pooler_output.reshape(pooler_output.shape[0]!, width)), hidden_states }
    },
  )
}

/** The stages that `out_features` names, [batch, channels, rows, columns]. */
export const ResNetBackbone = (c: ResNetConfig) =>
  module(stem(c)).forward((m, inputs: ImageInputs) => {
    const { hidden_states } = m.encoder(m.embedder(inputs))
    return { feature_maps: chosenStages(c, hidden_states), hidden_states }
  })

/** How many channels each of the stages has that `out_features` names. */
export const resNetChannels = (c: ResNetConfig): number[] =>
  chosenStages(c, [c.embedding_size, ...c.hidden_sizes])

export const architecture: Architecture<ResNetConfig> = {
  config: ResNetConfig,
  base_model_prefix: 'resnet',
  buffers: runningStatistics,
  inputs: (_: Head, c): Inputs => anyImageInputs(c),
  heads: {
    Model: ResNetModel,
    ForImageClassification: ResNetForImageClassification,
    Backbone: ResNetBackbone,
  },
}
