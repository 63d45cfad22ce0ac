/** @file Convolutions and pooling over one axis or two, as torch.nn.functional computes them. */
import { applyLinear } from './composites/linear'
import { GraphError } from './errors'
import { type Dim, product } from './shape'
import { apply, type Tensor } from './tensor'
import {
  conv,
  convTranspose,
  type PerAxis,
  padded,
  type Window,
  type WindowOptions,
  windowAttributes,
  windowCount,
  windowsOver,
} from './windows'

export interface ConvolutionOptions extends WindowOptions {
  /** Inputs and outputs fall into so many parts, one after another, that have nothing to do with each other. */
  groups?: number
}
export interface TransposedOptions extends Omit<ConvolutionOptions, 'padding'> {
  padding?: number | readonly number[]
  /** So many places more behind the others. */
  outputPadding?: PerAxis
}

/**
 * The convolution of `x` [batch, inputs, length] or [batch, inputs, height, width] with `weight` [outputs, inputs / groups, …].
 * As `torch.nn.functional.conv1d` and `conv2d`.
 * @example applyConvolution(pixels, weight, bias, { stride: 2, padding: 1 }) // [batch, outputs, 'floor((height+1)/2)', …]
 * @throws {GraphError} when the shapes don't go together.
 */
export function applyConvolution(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { groups = 1, ...options }: ConvolutionOptions = {},
): Tensor {
  const [outputs, inputs, ...kernel] = weight.shape as number[]
  if (x.shape[1] !== inputs! * groups || outputs! % groups !== 0) {
    throw new GraphError(
      `A convolution in ${groups} groups needs x [batch, inputs, …] and a weight [outputs, inputs / groups, …], both divisible ` +
        `by them, got [${x.shape}] and [${weight.shape}].`,
    )
  }
  const windows = windowsOver(x, kernel, options)
  if (groups === 1 && areTiles(windows)) return tiled(x, weight, bias, windows)
  const [all, inside] = padded(x, windows)
  return conv(all, weight, bias, inside, groups)
}

/** Whether windows of two axes lie side by side. */
const areTiles = (windows: readonly Window[]) =>
  windows.length === 2 &&
  windows.some(({ kernel }) => kernel !== 1) &&
  windows.every(
    ({ kernel, stride, dilation, pads }) =>
      kernel === stride && dilation === 1 && pads.every((amount) => amount === 0),
  )

/** A convolution whose windows do not overlap is one product of matrices, for which every device has its best kernel. What is left
 * at the right and below is in none. */
function tiled(x: Tensor, weight: Tensor, bias: Tensor | undefined, windows: readonly Window[]): Tensor {
  const [batch, channels] = x.shape as [Dim, number]
  const [rows, columns] = windows.map((window, axis) => windowCount(x.shape[axis + 2]!, window)) as [Dim, Dim]
  const [height, width] = windows.map(({ kernel }) => kernel) as [number, number]
  const outputs = Number(weight.shape[0])
  const whole = x.slice(2, 0, product([rows, height])).slice(3, 0, product([columns, width]))
  const tiles = whole.reshape(batch, channels, rows, height, columns, width).transpose(0, 2, 4, 1, 3, 5)
  const values = channels * height * width
  const flat = tiles.reshape(batch, product([rows, columns]), values)
  const products = applyLinear(flat, weight.reshape(outputs, values), bias) // [batch, tiles, outputs]
  return products.transpose(0, 2, 1).reshape(batch, outputs, rows, columns)
}

/**
 * The transposed convolution of `x` [batch, inputs, …] with `weight` [inputs, outputs / groups, …]. As
 * `torch.nn.functional.conv_transpose1d` and `conv_transpose2d`.
 * @example applyTransposedConvolution(features, weight, bias, { stride: 2 }) // [batch, outputs, '2*height', '2*width'] of 2 × 2 windows
 * @throws {GraphError} when the shapes don't go together.
 */
export function applyTransposedConvolution(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { groups = 1, outputPadding = 0, stride = 1, dilation = 1, padding = 0 }: TransposedOptions = {},
): Tensor {
  const [inputs, , ...kernel] = weight.shape as number[]
  const axes = kernel.length
  if (x.shape[1] !== inputs || inputs! % groups !== 0 || x.rank !== axes + 2) {
    throw new GraphError(
      `A transposed convolution in ${groups} groups needs x [batch, inputs, …] and a weight [inputs, outputs / groups, …], ` +
        `inputs divisible by them, got [${x.shape}] and [${weight.shape}].`,
    )
  }
  const of = (value: PerAxis, axis: number) => (typeof value === 'number' ? value : value[axis]!)
  const windows = kernel.map((size, axis): Window => {
    const amount = of(padding, axis)
    return { kernel: size, stride: of(stride, axis), dilation: of(dilation, axis), pads: [amount, amount] }
  })
  return convTranspose(
    x,
    weight,
    bias,
    windows,
    groups,
    kernel.map((_, axis) => of(outputPadding, axis)),
  )
}

/** Windows to pool: as large as their stride, if that is not said. */
export interface PoolingOptions {
  stride?: PerAxis
  padding?: number | readonly number[]
}

/**
 * The largest entry of each window of `x` [batch, channels, height, width]. As `torch.nn.functional.max_pool2d`.
 * @example maxPool2d(features, 3, { stride: 2, padding: 1 }) // [batch, channels, 'floor((height+1)/2)', 'floor((width+1)/2)']
 * @throws {GraphError} when the windows don't fit.
 */
export const maxPool2d = (x: Tensor, kernel: PerAxis, options: PoolingOptions = {}) =>
  pool('MaxPool', x, kernel, options)

/**
 * The mean of each window of `x` [batch, channels, height, width], zeros around it included. As `torch.nn.functional.avg_pool2d`;
 * the mean over all that there is, which `AdaptiveAvgPool2d(1)` gives, is `x.mean([2, 3], { keepdims: true })`.
 * @example averagePool2d(features, 2) // [batch, channels, 'floor(height/2)', 'floor(width/2)']
 * @throws {GraphError} when the windows don't fit.
 */
export const averagePool2d = (x: Tensor, kernel: PerAxis, options: PoolingOptions = {}) =>
  pool('AveragePool', x, kernel, options)

function pool(
  op: 'MaxPool' | 'AveragePool',
  x: Tensor,
  kernel: PerAxis,
  { stride = kernel, padding }: PoolingOptions,
): Tensor {
  const sizes = typeof kernel === 'number' ? [kernel, kernel] : kernel
  const windows = windowsOver(x, sizes, { stride, padding })
  const counts = windows.map((window, axis) => windowCount(x.shape[axis + 2]!, window))
  const attributes = { ...windowAttributes(windows), kernel_shape: sizes }
  const type = { dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...counts] }
  return apply(op, [x], type, op === 'AveragePool' ? { ...attributes, count_include_pad: 1 } : attributes)
}
