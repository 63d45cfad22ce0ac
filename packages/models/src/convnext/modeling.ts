/** @file ConvNeXt (https://arxiv.org/abs/2201.03545), as transformers' modeling_convnext.py. */
import { activations, conv2d, layerNorm, linear, module, parameter, type Tensor } from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { chosenStages } from '../backbone'
import { dropPath, dropPathRates } from '../drop-path'
import { heightAndWidth } from '../image-size'
import { anyImageInputs, type ImageInputs } from '../vision-embeddings'
import { ConvNextConfig } from './configuration'

/** Those of all layers but the last one; the configuration has that one's. */
const EPSILON = 1e-6

const channelsLast = (x: Tensor) => x.transpose(0, 2, 3, 1)
const channelsFirst = (x: Tensor) => x.transpose(0, 3, 1, 2)

/** Over the channels of [batch, channels, rows, columns]. */
const ChannelNorm = (channels: number) => {
  const norm = layerNorm(channels, EPSILON)
  return module(norm.children).forward((_, x: Tensor) => channelsFirst(norm(channelsLast(x))))
}

const ConvNextEmbeddings = (c: ConvNextConfig) => {
  const [patch, width] = [heightAndWidth(c.patch_size), c.hidden_sizes[0]!]
  return module({
    patch_embeddings: conv2d(c.num_channels, width, patch, { stride: patch }),
    layernorm: ChannelNorm(width),
  }).forward((m, { pixel_values }: ImageInputs) => m.layernorm(m.patch_embeddings(pixel_values)))
}

const ConvNextLayer = (c: ConvNextConfig, width: number, dropRate: number) =>
  module({
    dwconv: conv2d(width, width, 7, { padding: 3, groups: width }),
    layernorm: layerNorm(width, EPSILON),
    pwconv1: linear(width, 4 * width),
    pwconv2: linear(4 * width, width),
    layer_scale_parameter: c.layer_scale_init_value > 0 ? parameter(width) : undefined,
  }).forward((m, x: Tensor) => {
    const seen = m.layernorm(channelsLast(m.dwconv(x))) // [batch, rows, columns, channels]
    const thought = m.pwconv2(activations[c.hidden_act](m.pwconv1(seen)))
    const scaled = m.layer_scale_parameter ? thought.mul(m.layer_scale_parameter) : thought
    return x.add(dropPath(channelsFirst(scaled), dropRate))
  })

const ConvNextStage = (c: ConvNextConfig, inputs: number, stage: number, dropRates: readonly number[]) => {
  const width = c.hidden_sizes[stage]!
  const stride = stage > 0 ? 2 : 1
  const smaller = inputs !== width || stride > 1
  return module({
    downsampling_layer: smaller
      ? { 0: ChannelNorm(inputs), 1: conv2d(inputs, width, 2, { stride }) }
      : undefined,
    layers: dropRates.map((rate) => ConvNextLayer(c, width, rate)),
  }).forward((m, x: Tensor) => {
    const down = m.downsampling_layer
    return m.layers.reduce((hidden, layer) => layer(hidden), down ? down[1](down[0](x)) : x)
  })
}

const ConvNextEncoder = (c: ConvNextConfig) => {
  const rates = dropPathRates(c.drop_path_rate, c.depths)
  return module({
    stages: c.hidden_sizes.slice(0, c.num_stages).map((_, stage) => {
      const inputs = c.hidden_sizes[Math.max(stage - 1, 0)]!
      return ConvNextStage(c, inputs, stage, rates[stage]!)
    }),
  }).forward(({ stages }, embeddings: Tensor) => {
    const hidden_states = [embeddings]
    for (const stage of stages) hidden_states.push(stage(hidden_states.at(-1)!))
    return { last_hidden_state: hidden_states.at(-1)!, hidden_states }
  })
}

const stem = (c: ConvNextConfig) => ({ embeddings: ConvNextEmbeddings(c), encoder: ConvNextEncoder(c) })

export const ConvNextModel = (c: ConvNextConfig) =>
  module({ ...stem(c), layernorm: layerNorm(c.hidden_sizes.at(-1)!, c.layer_norm_eps) }).forward(
    (m, inputs: ImageInputs) => {
      const { last_hidden_state, hidden_states } = m.encoder(m.embeddings(inputs))
      return { last_hidden_state, pooler_output: m.layernorm(last_hidden_state.mean([2, 3])), hidden_states }
    },
  )

export const ConvNextForImageClassification = (c: ConvNextConfig) =>
  module({
    convnext: ConvNextModel(c),
    classifier: linear(c.hidden_sizes.at(-1)!, c.num_labels),
  }).forward((m, inputs: ImageInputs) => {
    const { pooler_output, hidden_states } = m.convnext(inputs)
    return { logits: m.classifier(pooler_output), hidden_states }
  })

/** The stages that `out_features` names, each behind a norm of its own: [batch, channels, rows, columns]. */
export const ConvNextBackbone = (c: ConvNextConfig) => {
  const channels = chosenStages(c, [c.hidden_sizes[0]!, ...c.hidden_sizes])
  const norms = c.out_features.map((name, i) => [name, ChannelNorm(channels[i]!)] as const)
  return module({ ...stem(c), hidden_states_norms: Object.fromEntries(norms) }).forward(
    (m, inputs: ImageInputs) => {
      const { hidden_states } = m.encoder(m.embeddings(inputs))
      const feature_maps = chosenStages(c, hidden_states).map((x, i) => norms[i]![1](x))
      return { feature_maps, hidden_states }
    },
  )
}

export const architecture: Architecture<ConvNextConfig> = {
  config: ConvNextConfig,
  base_model_prefix: 'convnext',
  inputs: (_: Head, c): Inputs => anyImageInputs(c),
  heads: {
    Model: ConvNextModel,
    ForImageClassification: ConvNextForImageClassification,
    Backbone: ConvNextBackbone,
  },
}
