/** @file What points at things in an image: points, corners of boxes, and masks drawn before, as vectors. */
import {
  activations,
  concat,
  constant,
  conv2d,
  module,
  parameter,
  scalar,
  type Tensor,
} from '@webformers/graph'
import { numbers, sineOfTurns } from '../spatial'
import type { SamConfig, SamPromptEncoderConfig } from './configuration'
import { SamLayerNorm } from './vision'

/** What may be pointed with; each may be left out. */
export interface Prompts {
  /** [batch, prompts, points, 2] */
  readonly input_points?: Tensor
  /** [batch, prompts, points]: 1 is of the thing, 0 is not, −1 is no point, −10 is there for the shape's sake only. */
  readonly input_labels?: Tensor
  /** [batch, prompts, 4] */
  readonly input_boxes?: Tensor
  /** [batch, 1, height, width] */
  readonly input_masks?: Tensor
}

/** Sines and cosines of places that lie between 0 and 1, [.., 2], turned by random frequencies that are stored. */
export function turned(places: Tensor, frequencies: Tensor): Tensor {
  const turns = places.mul(2).sub(1).matmul(frequencies)
  return concat([sineOfTurns(turns), sineOfTurns(turns.add(0.25))], -1)
}

const SamMaskEmbedding = (c: SamPromptEncoderConfig) => {
  const channels = Math.floor(c.mask_input_channels / 4)
  const act = activations[c.hidden_act]
  return module({
    conv1: conv2d(1, channels, 2, { stride: 2 }),
    conv2: conv2d(channels, c.mask_input_channels, 2, { stride: 2 }),
    conv3: conv2d(c.mask_input_channels, c.hidden_size, 1),
    layer_norm1: SamLayerNorm(channels, c.layer_norm_eps),
    layer_norm2: SamLayerNorm(channels * 4, c.layer_norm_eps),
  }).forward((m, masks: Tensor) => m.conv3(act(m.layer_norm2(m.conv2(act(m.layer_norm1(m.conv1(masks))))))))
}

const vector = (size: number) => ({ weight: parameter(1, size) })

/** Vectors [batch, prompts, count, size] of all that is pointed with, and what is added to each place of the image.
 * @param frequencies [2, size / 2], those of the image's own places */
export const SamPromptEncoder = (whole: SamConfig, frequencies: Tensor) => {
  const c = whole.prompt_encoder_config
  const embed = (pixels: Tensor) => turned(pixels.add(0.5).div(c.image_size), frequencies)
  return module({
    shared_embedding: { positional_embedding: frequencies },
    mask_embed: SamMaskEmbedding(c),
    no_mask_embed: vector(c.hidden_size),
    point_embed: numbers(c.num_point_embeddings).map(() => vector(c.hidden_size)),
    not_a_point_embed: vector(c.hidden_size),
  }).forward((m, { input_points, input_labels, input_boxes, input_masks }: Prompts) => {
    const points = (places: Tensor, labels: Tensor) => {
      const is = (label: number) => labels.equal(label).unsqueeze(3)
      const [background, foreground] = m.point_embed as [
        typeof m.not_a_point_embed,
        typeof m.not_a_point_embed,
      ]
      const found = is(-1).where(m.not_a_point_embed.weight, embed(places))
      const shown = is(-10).where(scalar(0), found)
      const kinds = is(0).where(background.weight, is(1).where(foreground.weight, 0))
      return shown.add(kinds)
    }
    const pointed = input_points && input_labels && points(input_points, input_labels)
    const sparse = [
      ...(pointed ? [pointed] : []),
      ...(pointed && !input_boxes ? [noPoint(m.not_a_point_embed.weight, pointed)] : []),
      ...(input_boxes ? [corners(embed, m.point_embed, input_boxes)] : []),
    ]
    return {
      sparse: sparse.length > 0 ? concat(sparse, 2) : undefined,
      dense: input_masks ? m.mask_embed(input_masks) : m.no_mask_embed.weight.reshape(1, c.hidden_size, 1, 1),
    }
  })
}

/** Points without a box end with one that is none. */
function noPoint(weight: Tensor, { shape: [batch, prompts, , size] }: Tensor): Tensor {
  return weight.unsqueeze(0, 1).expand(batch!, prompts!, 1, size!)
}

function corners(
  embed: (pixels: Tensor) => Tensor,
  kinds: readonly { readonly weight: Tensor }[],
  boxes: Tensor,
): Tensor {
  const [batch, prompts] = boxes.shape
  const both = concat([kinds[2]!.weight, kinds[3]!.weight], 0) // [2, size]
  return embed(boxes.reshape(batch!, prompts!, 2, 2)).add(both)
}

/** Where each place of the image's embeddings lies, [1, places, size]. */
export function imagePositions(c: SamConfig, frequencies: Tensor): Tensor {
  const size = c.prompt_encoder_config.image_embedding_size
  const share = (i: number) => (i + 0.5) / size
  const places = numbers(size * size).flatMap((place) => [
    share(place % size),
    share(Math.floor(place / size)),
  ])
  return turned(constant(places, [1, size * size, 2]), frequencies)
}
