/** @file Depth Anything (https://arxiv.org/abs/2401.10891), as transformers' modeling_depth_anything.py. */
import { conv2d, type Dim, interpolate, module, product, quotient, type Tensor } from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { FusionStage, ReassembleLayer } from '../dense-prediction'
import { Dinov2Backbone } from '../dinov2/modeling'
import { mapOfTokens } from '../spatial'
import { anyImageInputs, type ImageInputs } from '../vision-embeddings'
import { DepthAnythingConfig } from './configuration'

/** Tokens of several layers as maps; what stands for the whole image is left out. */
const DepthAnythingReassembleStage = (c: DepthAnythingConfig) =>
  module({
    layers: c.neck_hidden_sizes.map((channels, i) =>
      ReassembleLayer(c.reassemble_hidden_size, channels, c.reassemble_factors[i]!),
    ),
  }).forward(({ layers }, states: readonly Tensor[], rows: Dim, columns: Dim) =>
    states.map((state, i) => layers[i]!(mapOfTokens(state.slice(1, 1, state.shape[1]!), rows, columns))),
  )

const DepthAnythingNeck = (c: DepthAnythingConfig) =>
  module({
    reassemble_stage: DepthAnythingReassembleStage(c),
    convs: c.neck_hidden_sizes.map((channels) =>
      conv2d(channels, c.fusion_hidden_size, 3, { padding: 1, bias: false }),
    ),
    fusion_stage: FusionStage({ size: c.fusion_hidden_size }, c.neck_hidden_sizes.length, { fitted: true }),
  }).forward((m, states: readonly Tensor[], rows: Dim, columns: Dim) =>
    m.fusion_stage(m.reassemble_stage(states, rows, columns).map((map, i) => m.convs[i]!(map))),
  )

/** A depth for each pixel: relative, or in the unit of `max_depth`. */
const DepthAnythingDepthEstimationHead = (c: DepthAnythingConfig) => {
  const half = Math.floor(c.fusion_hidden_size / 2)
  return module({
    conv1: conv2d(c.fusion_hidden_size, half, 3, { padding: 1 }),
    conv2: conv2d(half, c.head_hidden_size, 3, { padding: 1 }),
    conv3: conv2d(c.head_hidden_size, 1, 1),
  }).forward((m, maps: readonly Tensor[], rows: Dim, columns: Dim) => {
    const size = [product([rows, c.patch_size]), product([columns, c.patch_size])] as const
    const map = m.conv1(maps.at(c.head_in_index)!)
    const drawn = interpolate(map, { size, mode: 'bilinear', alignCorners: true })
    const depth = m.conv3(m.conv2(drawn).relu())
    const bounded = c.depth_estimation_type === 'metric' ? depth.sigmoid() : depth.relu()
    return bounded.mul(c.max_depth).squeeze(1)
  })
}

export const DepthAnythingForDepthEstimation = (c: DepthAnythingConfig) =>
  module({
    backbone: Dinov2Backbone(c.backbone_config),
    neck: DepthAnythingNeck(c),
    head: DepthAnythingDepthEstimationHead(c),
  }).forward((m, inputs: ImageInputs) => {
    const { feature_maps, hidden_states, attentions } = m.backbone(inputs)
    const [rows, columns] = inputs.pixel_values.shape.slice(2).map((length) => quotient(length, c.patch_size))
    const maps = m.neck(feature_maps, rows!, columns!)
    return { predicted_depth: m.head(maps, rows!, columns!), hidden_states, attentions }
  })

export const architecture: Architecture<DepthAnythingConfig> = {
  config: DepthAnythingConfig,
  base_model_prefix: 'depth_anything',
  inputs: (_: Head, c) => anyImageInputs(c.backbone_config),
  heads: { ForDepthEstimation: DepthAnythingForDepthEstimation },
}
