/** @file Swin (https://arxiv.org/abs/2103.14030), as transformers' modeling_swin.py. Images of each size have a graph of their own, as
 * windows lie otherwise. */
import {
  activations,
  attention,
  conv2d,
  dropout,
  type HeadAxis,
  input,
  layerNorm,
  linear,
  module,
  parameter,
  quotient,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { chosenStages } from '../backbone'
import { refuse } from '../configuration'
import { dropPath, dropPathRates } from '../drop-path'
import { stageHeadsOf } from '../heads'
import { heightAndWidth } from '../image-size'
import type { ImageInputs } from '../vision-embeddings'
import { patchGrid, SwinConfig, widthOf } from './configuration'
import {
  cut,
  type Grid,
  joined,
  relativePositions,
  shiftMask,
  type WindowPlan,
  windowPlan,
  windowTables,
} from './windows'

/** Of the norms that the configuration has no epsilon for. */
const EPSILON = 1e-5

const SwinPatchEmbeddings = (c: SwinConfig) => {
  const patch = heightAndWidth(c.patch_size)
  const [height, width] = heightAndWidth(c.image_size)
  const [rows, columns] = patchGrid(c)
  const fill = [0, columns * patch[1] - width, 0, rows * patch[0] - height]
  return module({
    projection: conv2d(c.num_channels, c.embed_dim, patch, { stride: patch }),
  }).forward(({ projection }, pixels: Tensor) => {
    const map = projection(pixels.pad(fill)) // [batch, channels, rows, columns]
    return map.reshape(map.shape[0]!, c.embed_dim, rows * columns).transpose(0, 2, 1)
  })
}

const SwinEmbeddings = (c: SwinConfig) =>
  module({
    patch_embeddings: SwinPatchEmbeddings(c),
    norm: layerNorm(c.embed_dim, EPSILON),
  }).forward((m, { pixel_values }: ImageInputs) =>
    dropout(m.norm(m.patch_embeddings(pixel_values)), c.hidden_dropout_prob),
  )

const SwinSelfAttention = (c: SwinConfig, width: number, heads: HeadAxis, plan: WindowPlan) =>
  module({
    relative_position_bias_table: parameter((2 * c.window_size - 1) ** 2, { ...heads, size: 1 }),
    query: linear(width, heads, { bias: c.qkv_bias }),
    key: linear(width, heads, { bias: c.qkv_bias }),
    value: linear(width, heads, { bias: c.qkv_bias }),
  }).forward((m, x: Tensor) => {
    const bias = m.relative_position_bias_table.gather(relativePositions(plan.size)).transpose(2, 0, 1) // [heads, places, places]
    return attention(m.query(x), m.key(x), m.value(x), {
      heads: heads.kept.length,
      bias: biasOf(bias, shiftMask(plan), x),
      dropout: c.attention_probs_dropout_prob,
    })
  })

/** What is added to the scores of all windows of all images, [batch × windows, heads, places, places]. */
function biasOf(bias: Tensor, mask: Tensor | undefined, windows: Tensor): Tensor {
  if (!mask) return bias.unsqueeze(0)
  const ofWindows = bias.add(mask) // [windows, heads, places, places]
  const [count, ...rest] = ofWindows.shape
  const batch = quotient(windows.shape[0]!, Number(count))
  return ofWindows.expand(batch, count!, ...rest).reshape(windows.shape[0]!, ...rest)
}

const SwinAttention = (c: SwinConfig, width: number, heads: HeadAxis, plan: WindowPlan) =>
  module({
    self: SwinSelfAttention(c, width, heads, plan),
    output: { dense: linear(heads, width) },
  }).forward((m, x: Tensor) => {
    const { context, attentions } = m.self(x)
    return [dropout(m.output.dense(context), c.attention_probs_dropout_prob), attentions] as const
  })

const SwinLayer = (
  c: SwinConfig,
  width: number,
  heads: HeadAxis,
  { grid, plan, dropRate }: { grid: Grid; plan: WindowPlan; dropRate: number },
) => {
  const inner = Math.trunc(c.mlp_ratio * width)
  return module({
    layernorm_before: layerNorm(width, c.layer_norm_eps),
    attention: SwinAttention(c, width, heads, plan),
    layernorm_after: layerNorm(width, c.layer_norm_eps),
    intermediate: { dense: linear(width, inner) },
    output: { dense: linear(inner, width) },
  }).forward((m, x: Tensor) => {
    const [attended, attentions] = m.attention(cut(m.layernorm_before(x), grid, plan))
    const sum = x.add(dropPath(joined(attended, x.shape[0]!, grid, plan), dropRate))
    const thought = activations[c.hidden_act](m.intermediate.dense(m.layernorm_after(sum)))
    return [sum.add(dropout(m.output.dense(thought), c.hidden_dropout_prob)), attentions] as const
  })
}

/** Four neighbours become one, twice as wide. */
const SwinPatchMerging = (width: number, [rows, columns]: Grid) => {
  const [down, across] = halved([rows, columns])
  return module({
    reduction: linear(4 * width, 2 * width, { bias: false }),
    norm: layerNorm(4 * width, EPSILON),
  }).forward((m, x: Tensor) => {
    const batch = x.shape[0]!
    const four = x
      .reshape(batch, rows, columns, width)
      .pad([0, 0, 0, columns % 2, 0, rows % 2])
      .reshape(batch, down, 2, across, 2, width)
      .transpose(0, 1, 3, 4, 2, 5) // first below each other, then beside each other
    return m.reduction(m.norm(four.reshape(batch, down * across, 4 * width)))
  })
}

const halved = ([rows, columns]: Grid): Grid => [Math.ceil(rows / 2), Math.ceil(columns / 2)]

export const SwinStage = (
  c: SwinConfig,
  stage: number,
  grid: Grid,
  dropRates: readonly number[],
  always: boolean,
) => {
  const width = widthOf(c.embed_dim, stage)
  const blocks = dropRates.map((dropRate, index) => {
    const shift = index % 2 === 0 ? 0 : Math.floor(c.window_size / 2)
    const plan = windowPlan(grid, c.window_size, shift, always)
    if (plan.size !== c.window_size)
      refuse(
        c,
        'window_size',
        `at most ${plan.size}, since stage ${stage + 1} has a grid of ${grid.join(' × ')}`,
      )
    return SwinLayer(c, width, stageHeadsOf(c, stage, index, width), { grid, plan, dropRate })
  })
  return module({
    blocks,
    downsample: stage < c.depths.length - 1 ? SwinPatchMerging(width, grid) : undefined,
  }).forward((m, x: Tensor) => {
    let [hidden, maps]: readonly [Tensor, Tensor | undefined] = [x, undefined]
    for (const block of m.blocks) [hidden, maps] = block(hidden)
    return { hidden: m.downsample ? m.downsample(hidden) : hidden, before: hidden, maps }
  })
}

/** [batch, rows × columns, channels] as [batch, channels, rows, columns]. */
const asMap = (x: Tensor, grid: Grid): Tensor =>
  x.reshape(x.shape[0]!, ...grid, x.shape[2]!).transpose(0, 3, 1, 2)

/** @param backbone whether states are those before four patches become one, and small grids are cut into windows, too */
const SwinEncoder = (c: SwinConfig, backbone: boolean) => {
  const rates = dropPathRates(c.drop_path_rate, c.depths)
  const grids = c.depths.slice(1).reduce<Grid[]>((all) => [...all, halved(all.at(-1)!)], [patchGrid(c)])
  return module({
    layers: grids.map((grid, stage) => SwinStage(c, stage, grid, rates[stage]!, backbone)),
  }).forward(({ layers }, embeddings: Tensor) => {
    const hidden_states = [embeddings]
    const reshaped_hidden_states = [asMap(embeddings, grids[0]!)]
    const attentions: Tensor[] = []
    let last_hidden_state = embeddings
    for (const [stage, layer] of layers.entries()) {
      const { hidden, before, maps } = layer(last_hidden_state)
      last_hidden_state = hidden
      const grid = backbone ? grids[stage]! : (grids[stage + 1] ?? grids[stage]!)
      hidden_states.push(backbone ? before : hidden)
      reshaped_hidden_states.push(asMap(hidden_states.at(-1)!, grid))
      if (maps) attentions.push(maps) // of the last layer of a stage only, as in Python
    }
    return { last_hidden_state, hidden_states, attentions, reshaped_hidden_states }
  })
}

const stem = (c: SwinConfig, { backbone = false } = {}) => ({
  embeddings: SwinEmbeddings(c),
  encoder: SwinEncoder(c, backbone),
})

export const SwinModel = (c: SwinConfig, { add_pooling_layer = true } = {}) =>
  module({ ...stem(c), layernorm: layerNorm(c.hidden_size, c.layer_norm_eps) }).forward(
    (m, inputs: ImageInputs) => {
      const encoded = m.encoder(m.embeddings(inputs))
      const last_hidden_state = m.layernorm(encoded.last_hidden_state)
      const pooler_output = add_pooling_layer ? last_hidden_state.mean([1]) : undefined
      return { ...encoded, last_hidden_state, pooler_output }
    },
  )

/** Donut's: the same without the last norm. */
export const DonutSwinModel = (c: SwinConfig) =>
  module(stem(c)).forward((m, inputs: ImageInputs) => m.encoder(m.embeddings(inputs)))

export const SwinForImageClassification = (c: SwinConfig) =>
  module({ swin: SwinModel(c), classifier: linear(c.hidden_size, c.num_labels) }).forward(
    (m, inputs: ImageInputs) => {
      const { pooler_output, last_hidden_state: _, ...lists } = m.swin(inputs)
      return { logits: m.classifier(pooler_output!), ...lists }
    },
  )

/** The stages that `out_features` names, each behind a norm of its own: [batch, channels, rows, columns]. */
export const SwinBackbone = (c: SwinConfig) => {
  const widths = [c.embed_dim, ...c.depths.map((_, stage) => widthOf(c.embed_dim, stage))]
  const norms = c.out_features.map(
    (name, i) => [name, layerNorm(chosenStages(c, widths)[i]!, EPSILON)] as const,
  )
  return module({
    ...stem(c, { backbone: true }),
    hidden_states_norms: Object.fromEntries(norms),
  }).forward((m, inputs: ImageInputs) => {
    const { hidden_states, reshaped_hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const feature_maps = chosenStages(c, reshaped_hidden_states).map((x, i) =>
      norms[i]![1](x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
    )
    return { feature_maps, hidden_states, attentions }
  })
}

export const architecture: Architecture<SwinConfig> = {
  config: SwinConfig,
  base_model_prefix: 'swin',
  sized: true,
  tables: windowTables,
  inputs: (_: Head, c): Inputs => ({
    pixel_values: input(['batch', c.num_channels, ...heightAndWidth(c.image_size)]),
  }),
  heads: {
    Model: SwinModel,
    ForImageClassification: SwinForImageClassification,
    Backbone: SwinBackbone,
  },
}
