/** @file DINOv2 (https://arxiv.org/abs/2304.07193), as transformers' modeling_dinov2.py. */
import { activations, concat, layerNorm, linear, module, parameter, type Tensor } from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { chosenStages } from '../backbone'
import { dropPath } from '../drop-path'
import {
  AnyImageEmbeddings,
  anyImageInputs,
  gridOf,
  type ImageInputs,
  withoutFirst,
} from '../vision-embeddings'
import { VisionAttention, VisionEncoder, visionLayers } from '../vision-transformer'
import { Dinov2Config } from './configuration'

const Dinov2LayerScale = (c: Dinov2Config) =>
  module({ lambda1: parameter(c.hidden_size) }).forward((m, x: Tensor) => x.mul(m.lambda1))

const Dinov2MLP = (c: Dinov2Config) => {
  const inner = Math.trunc(c.hidden_size * c.mlp_ratio)
  return module({ fc1: linear(c.hidden_size, inner), fc2: linear(inner, c.hidden_size) }).forward(
    (m, x: Tensor) => m.fc2(activations[c.hidden_act](m.fc1(x))),
  )
}

/** Two thirds of the width, rounded up to a multiple of 8, so that three matrices are as large as two. */
const Dinov2SwiGLUFFN = (c: Dinov2Config) => {
  const inner = Math.trunc(c.hidden_size * c.mlp_ratio)
  const width = Math.floor((Math.trunc((inner * 2) / 3) + 7) / 8) * 8
  return module({
    weights_in: linear(c.hidden_size, 2 * width),
    weights_out: linear(width, c.hidden_size),
  }).forward((m, x: Tensor) => {
    const both = m.weights_in(x) // [batch, tokens, 2 × width]
    const gate = activations.silu(both.slice(2, 0, width))
    return m.weights_out(gate.mul(both.slice(2, width, 2 * width)))
  })
}

const Dinov2Layer = (c: Dinov2Config, index: number) =>
  module({
    norm1: layerNorm(c.hidden_size, c.layer_norm_eps),
    attention: VisionAttention(c, index),
    layer_scale1: Dinov2LayerScale(c),
    norm2: layerNorm(c.hidden_size, c.layer_norm_eps),
    mlp: c.use_swiglu_ffn ? Dinov2SwiGLUFFN(c) : Dinov2MLP(c),
    layer_scale2: Dinov2LayerScale(c),
  }).forward((m, x: Tensor) => {
    const [attended, attentions] = m.attention(m.norm1(x))
    const sum = dropPath(m.layer_scale1(attended), c.drop_path_rate).add(x)
    const fed = m.layer_scale2(m.mlp(m.norm2(sum)))
    return [dropPath(fed, c.drop_path_rate).add(sum), attentions] as const
  })

/** What all heads are built on, and Depth Anything. */
const stem = (c: Dinov2Config) => ({
  embeddings: AnyImageEmbeddings(c),
  encoder: VisionEncoder(visionLayers(c, Dinov2Layer)),
  layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
})

export const Dinov2Model = (c: Dinov2Config) =>
  module(stem(c)).forward((m, inputs: ImageInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const last_hidden_state = m.layernorm(hidden)
    return { last_hidden_state, pooler_output: last_hidden_state.at(1, 0), hidden_states, attentions }
  })

/** The first token and the mean of the others stand for the image together. */
export const Dinov2ForImageClassification = (c: Dinov2Config) =>
  module({ dinov2: Dinov2Model(c), classifier: linear(2 * c.hidden_size, c.num_labels) }).forward(
    (m, inputs: ImageInputs) => {
      const { last_hidden_state, pooler_output, hidden_states, attentions } = m.dinov2(inputs)
      const both = concat([pooler_output, withoutFirst(last_hidden_state, 1).mean([1])], 1)
      return { logits: m.classifier(both), hidden_states, attentions }
    },
  )

/** Tokens behind the first as a map [batch, hidden, rows, columns]. */
const mapOf = (c: Dinov2Config, { pixel_values }: ImageInputs, x: Tensor): Tensor =>
  withoutFirst(x, 1)
    .transpose(0, 2, 1)
    .reshape(x.shape[0]!, c.hidden_size, ...gridOf(c, pixel_values))

/** The stages that `out_features` names, as maps [batch, hidden, rows, columns] or as the tokens they are. */
export const Dinov2Backbone = (c: Dinov2Config) =>
  module(stem(c)).forward((m, inputs: ImageInputs) => {
    const { hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const feature_maps = chosenStages(c, hidden_states).map((x) => {
      const normed = c.apply_layernorm ? m.layernorm(x) : x
      return c.reshape_hidden_states ? mapOf(c, inputs, normed) : normed
    })
    return { feature_maps, hidden_states, attentions }
  })

export const architecture: Architecture<Dinov2Config> = {
  config: Dinov2Config,
  base_model_prefix: 'dinov2',
  inputs: (_: Head, c): Inputs => anyImageInputs(c),
  heads: {
    Model: Dinov2Model,
    ForImageClassification: Dinov2ForImageClassification,
    Backbone: Dinov2Backbone,
  },
}
