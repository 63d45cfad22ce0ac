/** @file Layers for images and sound, named as torch names them: their parameters are those of torch.nn. */
import { applyBatchNorm } from './composites/batch-norm'
import { applyGroupNorm } from './composites/group-norm'
import {
  applyConvolution,
  applyTransposedConvolution,
  type ConvolutionOptions,
  type TransposedOptions,
} from './convolution'
import { module } from './module'
import { product } from './shape'
import { parameter, type Tensor } from './tensor'
import type { PerAxis } from './windows'

type WithBias<O> = O & { bias?: boolean }

const pair = (size: PerAxis) => (typeof size === 'number' ? [size, size] : size)

function convolution(
  inputs: number,
  outputs: number,
  kernel: readonly number[],
  { bias = true, groups = 1, ...options }: WithBias<ConvolutionOptions>,
) {
  return module({
    weight: parameter(outputs, inputs / groups, ...kernel),
    bias: bias ? parameter(outputs) : undefined,
  }).forward((m, x: Tensor) => applyConvolution(x, m.weight, m.bias, { groups, ...options }))
}

function transposedConvolution(
  inputs: number,
  outputs: number,
  kernel: readonly number[],
  { bias = true, groups = 1, ...options }: WithBias<TransposedOptions>,
) {
  return module({
    weight: parameter(inputs, outputs / groups, ...kernel),
    bias: bias ? parameter(outputs) : undefined,
  }).forward((m, x: Tensor) => applyTransposedConvolution(x, m.weight, m.bias, { groups, ...options }))
}

/** `torch.nn.Conv1d`: [batch, inputs, length] becomes [batch, outputs, windows].
 * @example conv1d(1, 512, 10, { stride: 5, bias: false })(samples) // [batch, 512, 'floor(samples/5)-1'] */
export const conv1d = (
  inputs: number,
  outputs: number,
  kernel: number,
  options: WithBias<ConvolutionOptions> = {},
) => convolution(inputs, outputs, [kernel], options)

/** `torch.nn.Conv2d`: [batch, inputs, height, width] becomes [batch, outputs, rows, columns].
 * @example conv2d(3, 64, 7, { stride: 2, padding: 3 })(pixels) // [batch, 64, 'floor((height+1)/2)', 'floor((width+1)/2)'] */
export const conv2d = (
  inputs: number,
  outputs: number,
  kernel: PerAxis,
  options: WithBias<ConvolutionOptions> = {},
) => convolution(inputs, outputs, pair(kernel), options)

/** `torch.nn.Conv2d` over windows that touch and do not overlap, as vision transformers cut images: pixels
 * [batch, channels, height, width] become [batch, patches, size]. */
export const patchEmbedding = (
  channels: number,
  size: number,
  window: readonly [number, number],
  { bias = true } = {},
) => {
  const patches = conv2d(channels, size, window, { stride: window, bias })
  return module(patches.children).forward((_, pixels: Tensor) => {
    const map = patches(pixels) // [batch, size, rows, columns]
    return map.reshape(map.shape[0]!, size, product(map.shape.slice(2))).transpose(0, 2, 1)
  })
}

/** `torch.nn.ConvTranspose1d`: [batch, inputs, length] becomes [batch, outputs, …]. */
export const convTranspose1d = (
  inputs: number,
  outputs: number,
  kernel: number,
  options: WithBias<TransposedOptions> = {},
) => transposedConvolution(inputs, outputs, [kernel], options)

/** `torch.nn.ConvTranspose2d`: [batch, inputs, height, width] becomes [batch, outputs, …, …].
 * @example convTranspose2d(256, 128, 2, { stride: 2 })(features) // [batch, 128, '2*height', '2*width'] */
export const convTranspose2d = (
  inputs: number,
  outputs: number,
  kernel: PerAxis,
  options: WithBias<TransposedOptions> = {},
) => transposedConvolution(inputs, outputs, pair(kernel), options)

/** `torch.nn.BatchNorm2d`, and `BatchNorm1d` as well, over [batch, channels, …], in evaluation mode: its statistics are those of the
 * checkpoint, in training, too, where Python takes a batch's own and changes what it remembers of them. Weight and bias are trained.
 * An architecture names the three statistics in its `buffers`. */
export const batchNorm2d = (channels: number, { eps = 1e-5 } = {}) =>
  module({
    weight: parameter(channels),
    bias: parameter(channels),
    running_mean: parameter(channels),
    running_var: parameter(channels),
    num_batches_tracked: parameter(), // nobody reads it, but a checkpoint has it
  }).forward((m, x: Tensor) => applyBatchNorm(x, m, eps))

/** `torch.nn.GroupNorm` over [batch, channels, …]. */
export const groupNorm = (groups: number, channels: number, { eps = 1e-5 } = {}) =>
  module({ weight: parameter(channels), bias: parameter(channels) }).forward((m, x: Tensor) =>
    applyGroupNorm(x, m.weight, m.bias, groups, eps),
  )
