/** @file Objects that texts or another image tell OWL-ViT to look for. */
import {
  activations,
  type Dim,
  detach,
  LOWEST,
  layerNorm,
  linear,
  module,
  scalar,
  sizeTensor,
  type Tensor,
} from '@webformers/graph'
import { listsOf } from '../contrastive-towers'
import { numbersAlong } from '../spatial'
import { type AnySize, gridOf, type ImageInputs, patchGrid, withoutFirst } from '../vision-embeddings'
import { boxBias } from './box-bias'
import type { OwlViTConfig } from './configuration'
import { OwlViTModel, type TextQueries } from './towers'

type Config = OwlViTConfig & AnySize

/** Images, and either texts, as many for each image, or for each image another one that shows what is looked for. */
type DetectionInputs = ImageInputs & Partial<TextQueries> & { readonly query_pixel_values?: Tensor }

const BoxPredictionHead = ({ vision_config: { hidden_size } }: OwlViTConfig, outputs = 4) =>
  module({
    dense0: linear(hidden_size, hidden_size),
    dense1: linear(hidden_size, hidden_size),
    dense2: linear(hidden_size, outputs),
  }).forward((m, x: Tensor) => m.dense2(activations.gelu(m.dense1(activations.gelu(m.dense0(x))))))

/** What a text has at every patch that only fills a place: the least number there is, as in Python. */
const NEVER = -3.4028234663852886e38

/** Rows of about unit length. */
const scaled = (x: Tensor) => x.div(x.mul(x).sum([-1], { keepdims: true }).sqrt().add(1e-6))

/** exp(x) − 1 where x is negative. */
const elu = (x: Tensor) => x.relu().add(x.neg().relu().neg().exp()).sub(1)

const ClassPredictionHead = ({ vision_config: vision, text_config: text }: OwlViTConfig) =>
  module({
    dense0: linear(vision.hidden_size, text.hidden_size),
    logit_shift: linear(vision.hidden_size, 1),
    logit_scale: linear(vision.hidden_size, 1),
  }).forward((m, patches: Tensor, queries?: Tensor, counts?: Tensor) => {
    const embeds = m.dense0(patches)
    if (!queries) return { logits: undefined, class_embeds: embeds }
    const class_embeds = scaled(embeds)
    const similar = class_embeds.matmul(scaled(queries).T) // [batch, patches, queries]
    const shifted = similar.add(m.logit_shift(patches))
    const logits = shifted.mul(elu(m.logit_scale(patches)).add(1))
    return { logits: counts ? counts.where(logits, NEVER) : logits, class_embeds }
  })

const parts = (c: Config, objectness: boolean) => ({
  owlvit: OwlViTModel(c),
  class_head: ClassPredictionHead(c),
  box_head: BoxPredictionHead(c),
  objectness_head: objectness ? BoxPredictionHead(c, 1) : undefined,
  layer_norm: layerNorm(c.vision_config.hidden_size, c.vision_config.layer_norm_eps),
})
type Parts = Omit<ReturnType<typeof parts>, 'owlvit'>
type Base = ReturnType<typeof OwlViTModel>

/** What the heads read: each patch, times what stands for the whole image. */
function patchesOf(m: Parts, { children: { vision_model } }: Base, last_hidden_state: Tensor): Tensor {
  const all = vision_model.children.post_layernorm(last_hidden_state)
  return m.layer_norm(withoutFirst(all, 1).mul(all.slice(1, 0, 1))) // [batch, patches, hidden]
}

/** Rows and columns of patches. */
type Grid = readonly [Dim, Dim]

const gridFor = (c: Config, pixels: Tensor): Grid =>
  c.interpolate_pos_encoding ? gridOf(c.vision_config, pixels) : patchGrid(c.vision_config)

const boxesOf = (m: Parts, patches: Tensor, grid: Grid) => m.box_head(patches).add(boxBias(grid)).sigmoid()

/** The patches as they lie in the image: [batch, rows, columns, hidden]. */
const laidOut = (patches: Tensor, grid: Grid) =>
  patches.reshape(patches.shape[0]!, ...grid, patches.shape[2]!)

/** What texts name: all of them for each image lie one below the other. */
function byTexts(c: Config, m: Parts, base: Base, inputs: TextQueries & ImageInputs) {
  const { text_embeds: embeds, ...found } = base(inputs)
  const patches = patchesOf(m, base, found.vision_hidden_states.at(-1)!)
  const batch = inputs.pixel_values.shape[0]!
  const text_embeds = embeds.reshape(batch, 'queries', c.projection_dim)
  const counts = inputs.input_ids.at(1, 0).reshape(batch, 1, 'queries').greater(0) // none begins with padding
  const { logits, class_embeds } = m.class_head(patches, text_embeds, counts)
  const grid = gridFor(c, inputs.pixel_values)
  return {
    logits: logits!,
    ...(m.objectness_head && { objectness_logits: m.objectness_head(detach(patches)).squeeze(2) }),
    pred_boxes: boxesOf(m, patches, grid),
    text_embeds,
    image_embeds: laidOut(patches, grid),
    class_embeds,
    ...listsOf('text', { hidden_states: found.text_hidden_states, attentions: found.text_attentions }),
    ...listsOf('vision', { hidden_states: found.vision_hidden_states, attentions: found.vision_attentions }),
  }
}

/** How much boxes [batch, patches, 4] have in common with the whole image, of what both cover: [batch, patches]. As their middles lie
 * inside, it is never nothing. */
function coverage(boxes: Tensor): Tensor {
  const [x, y, width, height] = [0, 1, 2, 3].map((i) => boxes.at(2, i)) as [Tensor, Tensor, Tensor, Tensor]
  const inside = (middle: Tensor, size: Tensor) => {
    const [low, high] = [middle.sub(size.mul(0.5)), middle.add(size.mul(0.5))]
    return high.neg().add(1).relu().neg().add(1).sub(low.relu()) // min(high, 1) − max(low, 0)
  }
  const both = inside(x, width).mul(inside(y, height))
  return both.div(width.mul(height).add(1).sub(both))
}

/** What stands for the object on an image, [batch, 1, size]: of the patches whose boxes cover the image nearly best, the one that is
 * least like all the others. */
function queryOf(boxes: Tensor, class_embeds: Tensor): Tensor {
  const covered = coverage(boxes)
  const poor = covered.less(covered.max([1], { keepdims: true }).mul(0.8))
  const usual = class_embeds.mean([1]).unsqueeze(2)
  const unlike = class_embeds.matmul(usual).squeeze(2).neg() // [batch, patches]
  const chances = poor.where(scalar(LOWEST), unlike)
  const count = class_embeds.shape[1]!
  const fromEnd = sizeTensor(count).sub(numbersAlong(count).cast('float32'))
  const best = chances
    .equal(chances.max([1], { keepdims: true }))
    .cast('float32')
    .mul(fromEnd)
  const first = best.equal(best.max([1], { keepdims: true })).cast(class_embeds.dtype) // of equals
  return first.unsqueeze(1).matmul(class_embeds)
}

/** What looks like that on another image, as `image_guided_detection` in Python. */
function byImages(c: Config, m: Parts, base: Base, pixel_values: Tensor, query_pixel_values: Tensor) {
  const { vision_model } = base.children
  const shown = vision_model({ pixel_values: query_pixel_values })
  const query = patchesOf(m, base, shown.last_hidden_state)
  const vision = vision_model({ pixel_values })
  const patches = patchesOf(m, base, vision.last_hidden_state)
  const [grid, queryGrid] = [gridFor(c, pixel_values), gridFor(c, query_pixel_values)]
  const query_pred_boxes = boxesOf(m, query, queryGrid)
  const queries = queryOf(query_pred_boxes, m.class_head(query).class_embeds)
  const { logits, class_embeds } = m.class_head(patches, queries)
  return {
    logits: logits!,
    image_embeds: laidOut(patches, grid),
    query_image_embeds: laidOut(query, queryGrid),
    target_pred_boxes: boxesOf(m, patches, grid),
    query_pred_boxes,
    class_embeds,
    ...listsOf('vision', vision),
  }
}

const call = (
  c: Config,
  m: Parts,
  base: Base,
  { pixel_values, query_pixel_values, ...texts }: DetectionInputs,
) =>
  query_pixel_values
    ? byImages(c, m, base, pixel_values, query_pixel_values)
    : byTexts(c, m, base, { pixel_values, ...(texts as TextQueries) })

export const OwlViTForObjectDetection = (c: Config) =>
  module(parts(c, false)).forward((m, inputs: DetectionInputs) => call(c, m, m.owlvit, inputs))

/** OWLv2's also tells of each patch how likely anything is there at all. */
export function Owlv2ForObjectDetection(c: Config) {
  const { owlvit: owlv2, ...heads } = parts(c, true)
  return module({ owlv2, ...heads }).forward((m, inputs: DetectionInputs) => call(c, m, m.owlv2, inputs))
}
