/** @file ViTPose (https://arxiv.org/abs/2204.12484), as transformers' modeling_vitpose.py. */
import {
  batchNorm2d,
  concat,
  constant,
  conv2d,
  convTranspose2d,
  input,
  interpolate,
  module,
  product,
  scalar,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { mapOfTokens, numbers, numbersAlong } from '../spatial'
import { patchGrid } from '../vision-embeddings'
import { VitPoseBackbone, type VitPoseInputs, vitPoseInputs } from './backbone'
import { VitPoseConfig } from './configuration'

/** Which channel takes the place of each where pairs [pairs, 2] of them are swapped, [channels]; of several pairs that one is in, the
 * last counts. */
function swapped(pairs: Tensor, channels: number): Tensor {
  const ends = product([2, pairs.shape[0]!])
  const targets = pairs.reshape(ends)
  const sources = pairs.gather(constant([1, 0], [2], 'int32'), 1).reshape(ends)
  const own = constant(numbers(channels), [channels], 'int32')
  const places = numbersAlong(ends).add(1).reshape(1, ends)
  const found = targets.reshape(1, ends).equal(own.reshape(channels, 1)) // [channels, ends]
  const last = found.where(places, scalar(0, 'int32')).max([1])
  return last.equal(0).where(own, concat([constant([0], [1], 'int32'), sources], 0).gather(last))
}

/** Heatmaps [batch, keypoints, height, width] of mirrored images as those of the images: what is left and right of a body changes
 * places, too. */
function flippedBack(heatmaps: Tensor, pairs: Tensor): Tensor {
  const [, keypoints, , width] = heatmaps.shape as number[]
  const mirrored = constant(numbers(width!).reverse(), [width!], 'int32')
  return heatmaps.gather(swapped(pairs, keypoints!), 1).gather(mirrored, 3)
}

const VitPoseSimpleDecoder = (c: VitPoseConfig) =>
  module({ conv: conv2d(c.backbone_config.hidden_size, c.num_labels, 3, { padding: 1 }) }).forward(
    ({ conv }, x: Tensor) => conv(interpolate(x.relu(), { scale: c.scale_factor, mode: 'bilinear' })),
  )

const CLASSIC_CHANNELS = 256

/** Twice as large, and once more. */
const VitPoseClassicDecoder = (c: VitPoseConfig) => {
  const twice = (inputs: number) =>
    convTranspose2d(inputs, CLASSIC_CHANNELS, 4, { stride: 2, padding: 1, bias: false })
  return module({
    deconv1: twice(c.backbone_config.hidden_size),
    batchnorm1: batchNorm2d(CLASSIC_CHANNELS),
    deconv2: twice(CLASSIC_CHANNELS),
    batchnorm2: batchNorm2d(CLASSIC_CHANNELS),
    conv: conv2d(CLASSIC_CHANNELS, c.num_labels, 1),
  }).forward((m, x: Tensor) => {
    const larger = m.batchnorm1(m.deconv1(x)).relu()
    return m.conv(m.batchnorm2(m.deconv2(larger)).relu())
  })
}

/** `heatmaps` [batch, keypoints, height, width]: where each keypoint of a body is likely to be. */
export const VitPoseForPoseEstimation = (c: VitPoseConfig) =>
  module({
    backbone: VitPoseBackbone(c.backbone_config),
    head: c.use_simple_decoder ? VitPoseSimpleDecoder(c) : VitPoseClassicDecoder(c),
  }).forward((m, { flip_pairs, ...inputs }: VitPoseInputs & { readonly flip_pairs?: Tensor }) => {
    const { feature_maps, hidden_states, attentions } = m.backbone(inputs)
    const heatmaps = m.head(mapOfTokens(feature_maps.at(-1)!, ...patchGrid(c.backbone_config)))
    return {
      heatmaps: flip_pairs ? flippedBack(heatmaps, flip_pairs) : heatmaps,
      hidden_states,
      attentions,
    }
  })

export const architecture: Architecture<VitPoseConfig> = {
  config: VitPoseConfig,
  base_model_prefix: 'vit',
  inputs: (_: Head, c, given = []): Inputs => ({
    ...vitPoseInputs(c.backbone_config),
    ...(given.includes('flip_pairs') && { flip_pairs: input(['pairs', 2], 'int32') }),
  }),
  optional: ['flip_pairs'],
  buffers: ['running_mean', 'running_var', 'num_batches_tracked'],
  heads: { ForPoseEstimation: VitPoseForPoseEstimation },
}
