/** @file What SmolVLM and Idefics3 see: SigLIP's tower over images of which a part may be padding, and what makes words of it. */
import {
  additiveMask,
  arange,
  constant,
  conv2d,
  embedding,
  GraphError,
  layerNorm,
  linear,
  module,
  places,
  scope,
  type Tensor,
} from '@webformers/graph'
import { TowerEncoder } from '../contrastive-towers'
import { ofStack } from '../head-masks'
import { tokensOfMap } from '../spatial'
import type { SmolVLMConfig, SmolVLMVisionConfig } from './configuration'

const sideOf = ({ image_size, patch_size }: SmolVLMVisionConfig) => Math.floor(image_size / patch_size)

/** Which patches have a pixel that counts, of `pixels` [images, height, width]: [images, rows, columns], int32. */
export function patchMask({ patch_size: size, ...c }: SmolVLMVisionConfig, pixels: Tensor): Tensor {
  const side = sideOf({ patch_size: size, ...c })
  const whole = pixels.slice(1, 0, side * size).slice(2, 0, side * size)
  return whole.reshape(pixels.shape[0]!, side, size, side, size).max([2, 4])
}

/** The rows of the table that each patch of an image reads which fills `count` [images, 1] of so many in a row: as if the image
 * had been stretched over all of them. */
function buckets(side: number, count: Tensor): Tensor {
  const starts = constant(
    Array.from({ length: side }, (_, i) => i),
    [side],
  )
  const boundaries = constant(
    Array.from({ length: side - 1 }, (_, i) => (i + 1) / side),
    [side - 1],
  )
  const fractions = starts.div(count).mul(1 - 1e-6) // [images, side]
  const below = fractions.unsqueeze(2).less(boundaries).not() // [images, side, side - 1]
  return below.cast('int32').sum([2])
}

const SmolVLMVisionEmbeddings = (c: SmolVLMVisionConfig) => {
  const side = sideOf(c)
  return module({
    patch_embedding: conv2d(c.num_channels, c.hidden_size, c.patch_size, { stride: c.patch_size }),
    position_embedding: embedding(side * side, c.hidden_size),
  }).forward((m, pixels: Tensor, mask: Tensor) => {
    const filled = (axis: number) => mask.at(axis, 0).cast('float32').sum([1], { keepdims: true }) // [images, 1]
    const [rows, columns] = [buckets(side, filled(2)), buckets(side, filled(1))]
    const grid = rows.unsqueeze(2).mul(side).add(columns.unsqueeze(1)).mul(mask)
    const positions = grid.reshape(mask.shape[0]!, side * side)
    return tokensOfMap(m.patch_embedding(pixels)).add(m.position_embedding(positions))
  })
}

export const SmolVLMVisionTransformer = (c: SmolVLMVisionConfig) =>
  module({
    embeddings: SmolVLMVisionEmbeddings(c),
    encoder: TowerEncoder(c),
    post_layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, pixels: Tensor, mask: Tensor) => {
    const bias = additiveMask(mask.reshape(mask.shape[0]!, sideOf(c) ** 2))
    const { hidden } = ofStack('vision', () => m.encoder(m.embeddings(pixels, mask), bias))
    return m.post_layernorm(hidden)
  })

/** Neighbouring patches become one word. */
export const SmolVLMConnector = ({ vision_config: c, text_config, scale_factor: scale }: SmolVLMConfig) => {
  const [side, width] = [sideOf(c) / scale, c.hidden_size * scale ** 2]
  return module({
    modality_projection: { proj: linear(width, text_config.hidden_size, { bias: false }) },
  }).forward((m, x: Tensor) => {
    if (!Number.isInteger(side))
      throw new GraphError(`${sideOf(c)} patches in a row can't be joined by ${scale}.`)
    const images = x.shape[0]!
    const blocks = x.reshape(images, side, scale, side, scale, c.hidden_size)
    const words = blocks.transpose(0, 1, 3, 2, 4, 5).reshape(images, side * side, width)
    return m.modality_projection.proj(words)
  })
}

/** How many words an image is. */
export const wordsOf = ({ vision_config: c, scale_factor }: SmolVLMConfig) => (sideOf(c) / scale_factor) ** 2

/** The words of a text, those of its images where its ids say that there is one.
 * @param seen words of each text's images in their order, [batch, words, hidden] */
export function merge(c: SmolVLMConfig, ids: Tensor, words: Tensor, seen: Tensor): Tensor {
  const { continuation } = scope()
  const isImage = ids.equal(c.image_token_id)
  if (!continuation) return isImage.unsqueeze(2).where(inPlace(isImage, seen), words)
  const whole = inPlace(continuation.prompt.equal(c.image_token_id), seen) // [batch, prompt, hidden]
  const [batch, prompt] = whole.shape
  const end = arange(String(prompt)).max([0], { keepdims: true }).cast('float32')
  const kept = continuation.given('image_embeds', whole)
  const last = continuation.given('prompt_end', end.unsqueeze(0).expand(batch!, 1)).at(0, 0).cast('int32')
  const standing = places(String(ids.shape[1])).queries.squeeze(1) // [sequence], padding counted
  const beyond = standing.greater(last) // an image that is written is none
  const rows = kept.gather(beyond.where(last, standing), 1)
  const isSeen = isImage.cast('int32').mul(beyond.not().cast('int32')).greater(0)
  return isSeen.unsqueeze(2).where(rows, words)
}

/** Words of images at the places that stand for them, [batch, sequence, hidden]; at others, something. */
function inPlace(isImage: Tensor, seen: Tensor): Tensor {
  const [batch, sequence] = isImage.shape
  const counts = isImage.cast('int32')
  const ordered = counts.cumsum(1).sub(1).mul(counts)
  return seen.gatherElements(ordered.unsqueeze(2).expand(batch!, sequence!, seen.shape[2]!), 1)
}
