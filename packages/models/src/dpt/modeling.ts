/** @file DPT (https://arxiv.org/abs/2103.13413), as transformers' modeling_dpt.py. */
import {
  activations,
  batchNorm2d,
  concat,
  conv2d,
  type Dim,
  dropout,
  interpolate,
  layerNorm,
  linear,
  module,
  parameter,
  quotient,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { FusionStage, ReassembleLayer } from '../dense-prediction'
import { Dinov2Backbone } from '../dinov2/modeling'
import { heightAndWidth } from '../image-size'
import { mapOfTokens, tokensOfMap } from '../spatial'
import { anyImageInputs, type ImageInputs, patchGrid } from '../vision-embeddings'
import { VisionEncoder, VisionLayer, VisionPooler, visionLayers } from '../vision-transformer'
import { DPTConfig } from './configuration'

/** Positions are drawn larger or smaller for images of another size. They are stored as those of a square. */
const DPTViTEmbeddings = (c: DPTConfig) => {
  const [rows, columns] = patchGrid(c)
  const side = Math.floor(Math.sqrt(rows * columns))
  const patch = c.patch_size
  return module({
    cls_token: parameter(1, 1, c.hidden_size),
    patch_embeddings: { projection: conv2d(c.num_channels, c.hidden_size, patch, { stride: patch }) },
    position_embeddings: parameter(1, rows * columns + 1, c.hidden_size),
  }).forward((m, { pixel_values }: ImageInputs) => {
    const map = m.patch_embeddings.projection(pixel_values)
    const [batch, hidden, height, width] = map.shape as [Dim, number, Dim, Dim]
    const stored = mapOfTokens(m.position_embeddings.slice(1, 1, 1 + side * side), side, side)
    const drawn = tokensOfMap(interpolate(stored, { size: [height, width], mode: 'bilinear' }))
    const positions = concat([m.position_embeddings.slice(1, 0, 1), drawn], 1)
    const tokens = concat([m.cls_token.expand(batch, 1, hidden), tokensOfMap(map)], 1)
    return dropout(tokens.add(positions), c.hidden_dropout_prob)
  })
}

export const DPTModel = (c: DPTConfig, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: DPTViTEmbeddings(c),
    encoder: VisionEncoder(visionLayers(c, VisionLayer)),
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    pooler: add_pooling_layer ? VisionPooler(c) : undefined,
  }).forward((m, inputs: ImageInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const last_hidden_state = m.layernorm(hidden)
    return { last_hidden_state, pooler_output: m.pooler?.(last_hidden_state), hidden_states, attentions }
  })

const widthOf = (c: DPTConfig) => c.backbone_config?.hidden_size ?? c.hidden_size

/** Tokens of several layers as maps; what the first token, which stands for the whole image, has to say is told to all others. */
const DPTReassembleStage = (c: DPTConfig) => {
  const width = widthOf(c)
  const readout = c.readout_type === 'project'
  return module({
    layers: c.neck_hidden_sizes.map((channels, i) =>
      ReassembleLayer(width, channels, c.reassemble_factors[i]!),
    ),
    readout_projects: readout ? c.neck_hidden_sizes.map(() => ({ 0: linear(2 * width, width) })) : undefined,
  }).forward((m, states: readonly Tensor[], rows: Dim, columns: Dim) =>
    states.map((state, i) => {
      const [first, others] = [state.slice(1, 0, 1), state.slice(1, 1, state.shape[1]!)]
      const project = m.readout_projects?.[i]?.[0]
      const informed = project
        ? activations[c.hidden_act](project(concat([others, first.expand(...others.shape)], 2)))
        : c.readout_type === 'add'
          ? others.add(first)
          : others
      return m.layers[i]!(mapOfTokens(informed, rows, columns))
    }),
  )
}

const DPTNeck = (c: DPTConfig) => {
  const size = c.fusion_hidden_size
  const norm = c.use_batch_norm_in_fusion_residual
  const fusion = { size, norm, bias: c.use_bias_in_fusion_residual ?? !norm }
  return module({
    reassemble_stage: DPTReassembleStage(c),
    convs: c.neck_hidden_sizes.map((channels) => conv2d(channels, size, 3, { padding: 1, bias: false })),
    fusion_stage: FusionStage(fusion, c.neck_hidden_sizes.length),
  }).forward((m, states: readonly Tensor[], { pixel_values }: ImageInputs) => {
    const [height, width] = heightAndWidth(c.backbone_config?.patch_size ?? c.patch_size)
    const [, , rows, columns] = pixel_values.shape
    const maps = m.reassemble_stage(states, quotient(rows!, height), quotient(columns!, width))
    return m.fusion_stage(maps.map((map, i) => m.convs[i]!(map)))
  })
}

/** Of hidden states those that maps are made of. */
const chosen = (c: DPTConfig, [, ...states]: readonly Tensor[]) =>
  states.filter((_, index) => c.backbone_out_indices!.includes(index))

const twice = (x: Tensor) => interpolate(x, { scale: 2, mode: 'bilinear', alignCorners: true })

const DEPTH_CHANNELS = 32
const PROJECTED = 256

const DPTDepthEstimationHead = (c: DPTConfig) => {
  const size = c.fusion_hidden_size
  const half = Math.floor(size / 2)
  const padding = 1
  return module({
    projection: c.add_projection ? conv2d(PROJECTED, PROJECTED, 3, { padding }) : undefined,
    head: {
      0: conv2d(size, half, 3, { padding }),
      2: conv2d(half, DEPTH_CHANNELS, 3, { padding }),
      4: conv2d(DEPTH_CHANNELS, 1, 1),
    },
  }).forward((m, maps: readonly Tensor[]) => {
    const map = maps.at(c.head_in_index)!
    const projected = m.projection?.(map).relu() ?? map
    return m.head[4](m.head[2](twice(m.head[0](projected))).relu())
      .relu()
      .squeeze(1)
  })
}

export const DPTForDepthEstimation = (c: DPTConfig) =>
  module({
    backbone: c.backbone_config ? Dinov2Backbone(c.backbone_config) : undefined,
    dpt: c.backbone_config ? undefined : DPTModel(c, { add_pooling_layer: false }),
    neck: DPTNeck(c),
    head: DPTDepthEstimationHead(c),
  }).forward((m, inputs: ImageInputs) => {
    const found = m.backbone?.(inputs)
    const { hidden_states, attentions } = found ?? m.dpt!(inputs)
    const maps = m.neck(found?.feature_maps ?? chosen(c, hidden_states), inputs)
    return { predicted_depth: m.head(maps), hidden_states, attentions }
  })

const AUXILIARY_DROPOUT = 0.1

const classes = (c: DPTConfig, probability: number, drawn: (scores: Tensor) => Tensor = (x) => x) =>
  module({
    head: {
      0: conv2d(c.fusion_hidden_size, c.fusion_hidden_size, 3, { padding: 1, bias: false }),
      1: batchNorm2d(c.fusion_hidden_size),
      4: conv2d(c.fusion_hidden_size, c.num_labels, 1),
    },
  }).forward(({ head }, map: Tensor) => drawn(head[4](dropout(head[1](head[0](map)).relu(), probability))))

export const DPTForSemanticSegmentation = (c: DPTConfig) =>
  module({
    dpt: DPTModel(c, { add_pooling_layer: false }),
    neck: DPTNeck(c),
    head: classes(c, c.semantic_classifier_dropout, twice),
    auxiliary_head: c.use_auxiliary_head ? classes(c, AUXILIARY_DROPOUT) : undefined,
  }).forward((m, inputs: ImageInputs) => {
    const { hidden_states, attentions } = m.dpt(inputs)
    const maps = m.neck(chosen(c, hidden_states), inputs)
    const auxiliary = m.auxiliary_head?.(maps.at(-1)!)
    return {
      logits: m.head(maps.at(c.head_in_index)!),
      hidden_states,
      attentions,
      ...(auxiliary && { auxiliary_logits: auxiliary }), // for the loss alone
    }
  })

export const architecture: Architecture<DPTConfig> = {
  config: DPTConfig,
  base_model_prefix: 'dpt',
  inputs: (_: Head, c) => anyImageInputs(c.backbone_config ?? c),
  buffers: ['running_mean', 'running_var', 'num_batches_tracked'],
  heads: {
    Model: DPTModel,
    ForDepthEstimation: DPTForDepthEstimation,
    ForSemanticSegmentation: DPTForSemanticSegmentation,
  },
}
