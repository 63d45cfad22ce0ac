/** @file SuperPoint (https://arxiv.org/abs/1712.07629), as transformers' modeling_superpoint.py. */
import { conv2d, input, maxPool2d, module, product, type Tensor } from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import type { ImageInputs } from '../vision-embeddings'
import { SuperPointConfig } from './configuration'
import { keypointsOf } from './keypoints'

const SuperPointConvBlock = (inputs: number, outputs: number, halved: boolean) =>
  module({
    conv_a: conv2d(inputs, outputs, 3, { padding: 1 }),
    conv_b: conv2d(outputs, outputs, 3, { padding: 1 }),
  }).forward((m, x: Tensor) => {
    const map = m.conv_b(m.conv_a(x).relu()).relu()
    return halved ? maxPool2d(map, 2) : map
  })

const SuperPointEncoder = ({ encoder_hidden_sizes: sizes }: SuperPointConfig) =>
  module({
    conv_blocks: sizes.map((size, i) => SuperPointConvBlock(sizes[i - 1] ?? 1, size, i < sizes.length - 1)),
  }).forward((m, x: Tensor) => {
    const hidden_states: Tensor[] = []
    for (const block of m.conv_blocks) hidden_states.push(block(hidden_states.at(-1) ?? x))
    return { last_hidden_state: hidden_states.at(-1)!, hidden_states }
  })

/** Pixels along the side of a cell. */
const CELL = 8

/** Scores of pixels cell by cell, [batch, 64, rows, columns], as a map [batch, 8 × rows, 8 × columns]. */
function mapOfCells(cells: Tensor): Tensor {
  const [batch, , rows, columns] = cells.shape
  return cells
    .transpose(0, 2, 3, 1)
    .reshape(batch!, rows!, columns!, CELL, CELL)
    .transpose(0, 1, 3, 2, 4)
    .reshape(batch!, product([rows!, CELL]), product([columns!, CELL]))
}

/** Scores [batch, height, width] of which each is the largest of its neighbours, or zero; those that are no neighbours of one
 * that is kept get two more chances. */
function largestAround(scores: Tensor, radius: number): Tensor {
  const map = scores.unsqueeze(1)
  const around = (x: Tensor) => maxPool2d(x, 2 * radius + 1, { stride: 1, padding: radius })
  const largest = (x: Tensor) => x.equal(around(x)).cast('float32')
  let kept = largest(map)
  for (let chance = 0; chance < 2; chance++) {
    const free = around(kept).neg().add(1) // one or zero
    kept = kept.add(largest(map.mul(free)).mul(free))
  }
  return map.mul(kept).squeeze(1)
}

/** As `torch.nn.functional.normalize` over channels. */
const normalized = (x: Tensor) => x.div(x.mul(x).sum([1], { keepdims: true }).sqrt())

/** Scores [batch, height, width] of pixels, zero but for keypoints, and descriptors [batch, size, rows, columns] of cells; which
 * keypoints there are is told from them by {@link keypointsOf}. */
export const SuperPointForKeypointDetection = (c: SuperPointConfig) => {
  const channels = c.encoder_hidden_sizes.at(-1)!
  const wide = () => conv2d(channels, c.decoder_hidden_size, 3, { padding: 1 })
  return module({
    encoder: SuperPointEncoder(c),
    keypoint_decoder: {
      conv_score_a: wide(),
      conv_score_b: conv2d(c.decoder_hidden_size, c.keypoint_decoder_dim, 1),
    },
    descriptor_decoder: {
      conv_descriptor_a: wide(),
      conv_descriptor_b: conv2d(c.decoder_hidden_size, c.descriptor_decoder_dim, 1),
    },
  }).forward((m, { pixel_values }: ImageInputs) => {
    const { last_hidden_state: map, hidden_states } = m.encoder(pixel_values.slice(1, 0, 1))
    const { conv_score_a, conv_score_b } = m.keypoint_decoder
    const cells = conv_score_b(conv_score_a(map).relu())
      .softmax(1)
      .slice(1, 0, CELL * CELL)
    const { conv_descriptor_a, conv_descriptor_b } = m.descriptor_decoder
    return {
      pixel_scores: largestAround(mapOfCells(cells), c.nms_radius),
      cell_descriptors: normalized(conv_descriptor_b(conv_descriptor_a(map).relu())),
      hidden_states,
    }
  })
}

export const architecture: Architecture<SuperPointConfig> = {
  config: SuperPointConfig,
  base_model_prefix: 'superpoint',
  inputs: (_: Head): Inputs => ({ pixel_values: input(['batch', 3, 'height', 'width']) }),
  settle: keypointsOf,
  heads: { ForKeypointDetection: SuperPointForKeypointDetection },
}
