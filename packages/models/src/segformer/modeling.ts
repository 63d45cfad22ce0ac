/** @file SegFormer (https://arxiv.org/abs/2105.15203), as transformers' modeling_segformer.py. */
import {
  activations,
  attention,
  batchNorm2d,
  concat,
  conv2d,
  type Dim,
  dropout,
  type HeadAxis,
  interpolate,
  layerNorm,
  linear,
  module,
  product,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { dropPath, dropPathRates } from '../drop-path'
import { stageHeadsOf } from '../heads'
import { runningStatistics } from '../running-statistics'
import { anyImageInputs, type ImageInputs } from '../vision-embeddings'
import { SegformerConfig } from './configuration'

/** Of all its norms. */
const EPSILON = 1e-5

/** Rows and columns. */
type Grid = readonly [Dim, Dim]

/** [batch, channels, rows, columns] as [batch, rows × columns, channels]. */
const asTokens = (map: Tensor): Tensor =>
  map.reshape(map.shape[0]!, map.shape[1]!, product(map.shape.slice(2))).transpose(0, 2, 1)

/** [batch, rows × columns, channels] as [batch, channels, rows, columns]. */
const asMap = (tokens: Tensor, grid: Grid): Tensor =>
  tokens.transpose(0, 2, 1).reshape(tokens.shape[0]!, tokens.shape[2]!, ...grid)

const SegformerOverlapPatchEmbeddings = (c: SegformerConfig, stage: number) => {
  const inputs = stage === 0 ? c.num_channels : c.hidden_sizes[stage - 1]!
  const [size, width] = [c.patch_sizes[stage]!, c.hidden_sizes[stage]!]
  return module({
    proj: conv2d(inputs, width, size, { stride: c.strides[stage]!, padding: Math.floor(size / 2) }),
    layer_norm: layerNorm(width, EPSILON),
  }).forward((m, x: Tensor) => {
    const map = m.proj(x)
    return { tokens: m.layer_norm(asTokens(map)), grid: [map.shape[2]!, map.shape[3]!] as const }
  })
}

/** Keys and values are those of fewer places. */
const SegformerEfficientSelfAttention = (c: SegformerConfig, stage: number, heads: HeadAxis) => {
  const [width, ratio] = [c.hidden_sizes[stage]!, c.sr_ratios[stage]!]
  return module({
    query: linear(width, heads),
    key: linear(width, heads),
    value: linear(width, heads),
    sr: ratio > 1 ? conv2d(width, width, ratio, { stride: ratio }) : undefined,
    layer_norm: ratio > 1 ? layerNorm(width, EPSILON) : undefined,
  }).forward((m, x: Tensor, grid: Grid) => {
    const fewer = m.sr && m.layer_norm ? m.layer_norm(asTokens(m.sr(asMap(x, grid)))) : x
    return attention(m.query(x), m.key(fewer), m.value(fewer), {
      heads: heads.kept.length,
      dropout: c.attention_probs_dropout_prob,
    })
  })
}

const SegformerAttention = (c: SegformerConfig, stage: number, heads: HeadAxis) =>
  module({
    self: SegformerEfficientSelfAttention(c, stage, heads),
    output: { dense: linear(heads, c.hidden_sizes[stage]!) },
  }).forward((m, x: Tensor, grid: Grid) => {
    const { context, attentions } = m.self(x, grid)
    return [dropout(m.output.dense(context), c.hidden_dropout_prob), attentions] as const
  })

const SegformerDWConv = (width: number) =>
  module({ dwconv: conv2d(width, width, 3, { padding: 1, groups: width }) }).forward(
    ({ dwconv }, x: Tensor, grid: Grid) => asTokens(dwconv(asMap(x, grid))),
  )

const SegformerMixFFN = (c: SegformerConfig, stage: number) => {
  const width = c.hidden_sizes[stage]!
  const inner = Math.trunc(width * c.mlp_ratios[stage]!)
  return module({
    dense1: linear(width, inner),
    dwconv: SegformerDWConv(inner),
    dense2: linear(inner, width),
  }).forward((m, x: Tensor, grid: Grid) => {
    const seen = activations[c.hidden_act](m.dwconv(m.dense1(x), grid))
    return dropout(m.dense2(dropout(seen, c.hidden_dropout_prob)), c.hidden_dropout_prob)
  })
}

const SegformerLayer = (c: SegformerConfig, stage: number, index: number, dropRate: number) => {
  const width = c.hidden_sizes[stage]!
  return module({
    layer_norm_1: layerNorm(width, EPSILON),
    attention: SegformerAttention(c, stage, stageHeadsOf(c, stage, index, width)),
    layer_norm_2: layerNorm(width, EPSILON),
    mlp: SegformerMixFFN(c, stage),
  }).forward((m, x: Tensor, grid: Grid) => {
    const [attended, attentions] = m.attention(m.layer_norm_1(x), grid)
    const sum = dropPath(attended, dropRate).add(x)
    return [dropPath(m.mlp(m.layer_norm_2(sum), grid), dropRate).add(sum), attentions] as const
  })
}

const SegformerEncoder = (c: SegformerConfig) => {
  const stages = Array.from({ length: c.num_encoder_blocks }, (_, stage) => stage)
  const rates = dropPathRates(c.drop_path_rate, c.depths)
  return module({
    patch_embeddings: stages.map((stage) => SegformerOverlapPatchEmbeddings(c, stage)),
    block: stages.map((stage) => rates[stage]!.map((rate, index) => SegformerLayer(c, stage, index, rate))),
    layer_norm: stages.map((stage) => layerNorm(c.hidden_sizes[stage]!, EPSILON)),
  }).forward((m, pixels: Tensor) => {
    const maps: Tensor[] = []
    const attentions: Tensor[] = []
    for (const stage of stages) {
      const { tokens, grid } = m.patch_embeddings[stage]!(maps.at(-1) ?? pixels)
      let hidden = tokens
      for (const layer of m.block[stage]!) {
        const [next, weights] = layer(hidden, grid)
        hidden = next
        attentions.push(weights)
      }
      maps.push(asMap(m.layer_norm[stage]!(hidden), grid))
    }
    const last = maps.at(-1)!
    const last_hidden_state = c.reshape_last_stage ? last : asTokens(last)
    return { last_hidden_state, hidden_states: maps.with(-1, last_hidden_state), attentions }
  })
}

export const SegformerModel = (c: SegformerConfig) =>
  module({ encoder: SegformerEncoder(c) }).forward((m, { pixel_values }: ImageInputs) =>
    m.encoder(pixel_values),
  )

export const SegformerForImageClassification = (c: SegformerConfig) =>
  module({
    segformer: SegformerModel(c),
    classifier: linear(c.hidden_sizes.at(-1)!, c.num_labels),
  }).forward((m, inputs: ImageInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.segformer(inputs)
    const places = c.reshape_last_stage ? [2, 3] : [1]
    return { logits: m.classifier(last_hidden_state.mean(places)), hidden_states, attentions }
  })

const SegformerMLP = (c: SegformerConfig, width: number) =>
  module({ proj: linear(width, c.decoder_hidden_size) }).forward(({ proj }, map: Tensor) =>
    proj(asTokens(map)),
  )

const SegformerDecodeHead = (c: SegformerConfig) => {
  const [stages, width] = [c.num_encoder_blocks, c.decoder_hidden_size]
  return module({
    linear_c: c.hidden_sizes.slice(0, stages).map((size) => SegformerMLP(c, size)),
    linear_fuse: conv2d(width * stages, width, 1, { bias: false }),
    batch_norm: batchNorm2d(width),
    classifier: conv2d(width, c.num_labels, 1),
  }).forward((m, maps: readonly Tensor[]) => {
    const size = [maps[0]!.shape[2]!, maps[0]!.shape[3]!] as const
    const alike = maps.map((map, stage) => {
      const grid = [map.shape[2]!, map.shape[3]!] as const
      return interpolate(asMap(m.linear_c[stage]!(map), grid), { size, mode: 'bilinear' })
    })
    const fused = m.batch_norm(m.linear_fuse(concat(alike.toReversed(), 1))).relu()
    return m.classifier(dropout(fused, c.classifier_dropout_prob))
  })
}

export const SegformerForSemanticSegmentation = (c: SegformerConfig) =>
  module({
    segformer: SegformerModel({ ...c, reshape_last_stage: true }),
    decode_head: SegformerDecodeHead(c),
  }).forward((m, inputs: ImageInputs) => {
    const { hidden_states, attentions } = m.segformer(inputs)
    return { logits: m.decode_head(hidden_states), hidden_states, attentions }
  })

export const architecture: Architecture<SegformerConfig> = {
  config: SegformerConfig,
  base_model_prefix: 'segformer',
  buffers: runningStatistics,
  inputs: (_: Head, c): Inputs => anyImageInputs(c),
  heads: {
    Model: SegformerModel,
    ForImageClassification: SegformerForImageClassification,
    ForSemanticSegmentation: SegformerForSemanticSegmentation,
  },
}
