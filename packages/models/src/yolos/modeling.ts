/** @file YOLOS (https://arxiv.org/abs/2106.00666), as transformers' modeling_yolos.py. */
import {
  concat,
  conv2d,
  dropout,
  interpolate,
  layerNorm,
  linear,
  module,
  parameter,
  product,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { heightAndWidth } from '../image-size'
import { prediction } from '../prediction'
import { lastOf } from '../spatial'
import { anyImageInputs, type ImageInputs } from '../vision-embeddings'
import { VisionLayer, visionLayers } from '../vision-transformer'
import { YolosConfig } from './configuration'

/** Rows and columns of patches. */
type Grid = readonly [rows: Tensor['shape'][number], columns: Tensor['shape'][number]]

const gridOf = (c: YolosConfig) =>
  heightAndWidth(c.image_size).map((length) => length / c.patch_size) as [number, number]
const tokens = (c: YolosConfig) => 1 + gridOf(c)[0] * gridOf(c)[1] + c.num_detection_tokens

/** Positions [count, tokens, hidden] for an image of another size: those of patches are drawn larger or smaller. */
function resized(c: YolosConfig, positions: Tensor, [rows, columns]: Grid): Tensor {
  const [height, width] = gridOf(c)
  const count = positions.shape[0]!
  const patches = positions.slice(1, 1, 1 + height * width).transpose(0, 2, 1)
  const stored = patches.reshape(count, c.hidden_size, height, width)
  const drawn = interpolate(stored, { size: [rows, columns], mode: 'bicubic' }).reshape(
    count,
    c.hidden_size,
    product([rows, columns]),
  )
  const first = positions.slice(1, 0, 1)
  return concat([first, drawn.transpose(0, 2, 1), positions.slice(1, 1 + height * width, tokens(c))], 1)
}

const YolosEmbeddings = (c: YolosConfig) =>
  module({
    cls_token: parameter(1, 1, c.hidden_size),
    detection_tokens: parameter(1, c.num_detection_tokens, c.hidden_size),
    position_embeddings: parameter(1, tokens(c), c.hidden_size),
    patch_embeddings: {
      projection: conv2d(c.num_channels, c.hidden_size, c.patch_size, { stride: c.patch_size }),
    },
  }).forward((m, { pixel_values }: ImageInputs) => {
    const projected = m.patch_embeddings.projection(pixel_values) // [batch, hidden, rows, columns]
    const [batch, hidden, rows, columns] = projected.shape as [string, number, ...Grid]
    const patches = projected.reshape(batch, hidden, product([rows, columns])).transpose(0, 2, 1)
    const first = m.cls_token.expand(batch, 1, hidden)
    const objects = m.detection_tokens.expand(batch, c.num_detection_tokens, hidden)
    const positions = resized(c, m.position_embeddings, [rows, columns])
    const all = concat([first, patches, objects], 1).add(positions)
    return { embeddings: dropout(all, c.hidden_dropout_prob), grid: [rows, columns] as const }
  })

/** Between layers positions are added once more; hidden states are those before. */
const YolosEncoder = (c: YolosConfig) => {
  const between = c.num_hidden_layers - 1
  return module({
    mid_position_embeddings: c.use_mid_position_embeddings
      ? parameter(between, 1, tokens(c), c.hidden_size)
      : undefined,
    layer: visionLayers(c, VisionLayer),
  }).forward((m, embeddings: Tensor, grid: Grid) => {
    const stored = between > 0 ? m.mid_position_embeddings?.squeeze(1) : undefined
    const positions = stored && resized(c, stored, grid) // [layers − 1, tokens, hidden]
    const hidden_states = [embeddings]
    const attentions: Tensor[] = []
    let hidden = embeddings
    for (const [index, layer] of m.layer.entries()) {
      const [output, weights] = layer(hidden)
      hidden_states.push(output)
      attentions.push(weights)
      hidden = positions && index < between ? output.add(positions.at(0, index)) : output
    }
    return { hidden, hidden_states, attentions }
  })
}

/** What the image as a whole is, of its first token. */
const YolosPooler = (c: YolosConfig) =>
  module({ dense: linear(c.hidden_size, c.hidden_size) }).forward(({ dense }, x: Tensor) =>
    dense(x.at(1, 0)).tanh(),
  )

export const YolosModel = (c: YolosConfig, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: YolosEmbeddings(c),
    encoder: YolosEncoder(c),
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    pooler: add_pooling_layer ? YolosPooler(c) : undefined,
  }).forward((m, inputs: ImageInputs) => {
    const { embeddings, grid } = m.embeddings(inputs)
    const { hidden, hidden_states, attentions } = m.encoder(embeddings, grid)
    const last_hidden_state = m.layernorm(hidden)
    return { last_hidden_state, pooler_output: m.pooler?.(last_hidden_state), hidden_states, attentions }
  })

export const YolosForObjectDetection = (c: YolosConfig) =>
  module({
    vit: YolosModel(c, { add_pooling_layer: false }),
    class_labels_classifier: prediction(c.hidden_size, c.num_labels + 1),
    bbox_predictor: prediction(c.hidden_size, 4),
  }).forward((m, inputs: ImageInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.vit(inputs)
    const objects = lastOf(last_hidden_state, 1, c.num_detection_tokens)
    return {
      logits: m.class_labels_classifier(objects),
      pred_boxes: m.bbox_predictor(objects).sigmoid(),
      last_hidden_state,
      hidden_states,
      attentions,
    }
  })

export const architecture: Architecture<YolosConfig> = {
  config: YolosConfig,
  base_model_prefix: 'vit',
  inputs: (_: Head, c) => anyImageInputs(c),
  heads: { Model: YolosModel, ForObjectDetection: YolosForObjectDetection },
}
