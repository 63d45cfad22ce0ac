/** @file What Wav2Vec2 and HuBERT make of the samples of a sound before their layers: frames, and their positions. */
import {
  activations,
  applyConvolution,
  arange,
  batchNorm2d,
  conv1d,
  dropout,
  groupNorm,
  layerNorm,
  linear,
  module,
  parameter,
  type Tensor,
} from '@webformers/graph'
import type { WaveformConfig as Config } from './waveform-configuration'

/** torch's where nobody says otherwise. */
const EPSILON = 1e-5

/** A convolution, what follows it normed over the time of each channel, over the channels of each frame, or not at all. */
function ConvLayer(c: Config, index: number) {
  const [inputs, outputs] = [index === 0 ? 1 : c.conv_dim[index - 1]!, c.conv_dim[index]!]
  const overTime = c.feat_extract_norm === 'group'
  const norm = overTime ? groupNorm(outputs, outputs) : layerNorm(outputs, EPSILON)
  return module({
    conv: conv1d(inputs, outputs, c.conv_kernel[index]!, {
      stride: c.conv_stride[index]!,
      bias: c.conv_bias,
    }),
    layer_norm: overTime && index > 0 ? undefined : norm,
  }).forward((m, x: Tensor) => {
    const frames = m.conv(x) // [batch, channels, frames]
    const normed = overTime
      ? (m.layer_norm?.(frames) ?? frames)
      : m.layer_norm!(frames.transpose(0, 2, 1)).transpose(0, 2, 1)
    return activations[c.feat_extract_activation](normed)
  })
}

/** Samples [batch, samples] as frames [batch, channels, frames]. */
export const FeatureEncoder = (c: Config) =>
  module({ conv_layers: c.conv_dim.map((_, index) => ConvLayer(c, index)) }).forward((m, samples: Tensor) =>
    m.conv_layers.reduce<Tensor>((x, layer) => layer(x), samples.unsqueeze(1)),
  )

/** How many frames [batch, 1] are of samples that `mask` [batch, samples] counts. */
export function frameCounts(c: Config, mask: Tensor): Tensor {
  const samples = mask.cast('float32').sum([1], { keepdims: true }).cast('int32')
  return c.conv_kernel.reduce(
    (length, kernel, i) => length.sub(kernel).div(c.conv_stride[i]!).add(1),
    samples,
  )
}

/** Which frames [batch, frames] these are, one or zero. */
export const frameMask = (c: Config, mask: Tensor, frames: Tensor): Tensor =>
  arange(String(frames.shape[1])).less(frameCounts(c, mask)).cast('int32')

export const FeatureProjection = (c: Config) => {
  const channels = c.conv_dim.at(-1)!
  return module({
    layer_norm: (c.feat_proj_layer_norm ?? true) ? layerNorm(channels, c.layer_norm_eps) : undefined,
    projection: linear(channels, c.hidden_size),
  }).forward((m, frames: Tensor) => {
    const normed = m.layer_norm?.(frames) ?? frames
    return { hidden: dropout(m.projection(normed), c.feat_proj_dropout), normed }
  })
}

/** `torch.nn.Conv1d` whose weight is kept as directions and, for each place of its kernel, a length. */
const WeightNormedConv = (size: number, kernel: number, groups: number) =>
  module({
    bias: parameter(size),
    parametrizations: {
      weight: { original0: parameter(1, 1, kernel), original1: parameter(size, size / groups, kernel) },
    },
  }).forward(({ bias, parametrizations: { weight } }, x: Tensor) => {
    const { original0: lengths, original1: directions } = weight
    const norms = directions.mul(directions).sum([0, 1], { keepdims: true }).sqrt()
    const padding = Math.floor(kernel / 2)
    return applyConvolution(x, directions.mul(lengths.div(norms)), bias, { padding, groups })
  })

/** What the frames around a frame say of its position. */
export function PositionalConvEmbedding(c: Config) {
  const [kernel, groups] = [c.num_conv_pos_embeddings, c.num_conv_pos_embedding_groups]
  const ofBatch = c.conv_pos_batch_norm ?? false
  const plain = () =>
    conv1d(c.hidden_size, c.hidden_size, kernel, { padding: Math.floor(kernel / 2), groups })
  return module({
    batch_norm: ofBatch ? batchNorm2d(c.hidden_size) : undefined,
    conv: ofBatch ? plain() : WeightNormedConv(c.hidden_size, kernel, groups),
  }).forward((m, x: Tensor) => {
    const channels = x.transpose(0, 2, 1)
    const positions = m.conv(m.batch_norm?.(channels) ?? channels)
    // A window of an even number of frames has one place more than there are frames.
    const kept = positions.slice(2, 0, x.shape[1]!)
    return activations[c.feat_extract_activation](kept).transpose(0, 2, 1)
  })
}
