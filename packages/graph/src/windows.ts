/** @file Windows that slide over the last axes of a tensor: how they lie, how many there are, and the operations that read them. */
import { GraphError } from './errors'
import { type Dim, difference, product, quotient, sum } from './shape'
import { type Attributes, apply, type Node, type Tensor } from './tensor'

/** One number for every axis, or one for each. */
export type PerAxis = number | readonly number[]

/** Zeros around each axis: as many on either side, numbers for before and after it, or so many that each window that begins
 * inside lies inside, as TensorFlow's `same`: the axis is divided by the stride, rounded up, and an odd zero stands behind it. */
export type Padding = number | 'same' | readonly (number | readonly [before: number, after: number])[]

export interface WindowOptions {
  stride?: PerAxis
  padding?: Padding
  dilation?: PerAxis
}

/** Windows along one axis. */
export interface Window {
  readonly kernel: Dim
  readonly stride: number
  readonly dilation: number
  /** Zeros before and after the axis. */
  readonly pads: readonly [before: Dim, after: Dim]
}

/** How far a window reaches. */
const extent = ({ kernel, dilation }: Window) => sum([product([dilation, sum([kernel, -1])]), 1])

/** How many windows there are along an axis of this size. */
export const windowCount = (size: Dim, window: Window): Dim =>
  sum([quotient(difference(sum([size, ...window.pads]), extent(window)), window.stride), 1])

/** How long an axis is that so many windows cover. */
export const coveredSize = (count: Dim, window: Window): Dim =>
  difference(sum([product([window.stride, sum([count, -1])]), extent(window)]), sum(window.pads))

const perAxis = (value: PerAxis, axes: number): readonly number[] =>
  typeof value === 'number' ? Array.from({ length: axes }, () => value) : value

/** The windows over the last axes of a tensor, one for each number of `kernel`. */
export function windowsOver(
  x: Tensor,
  kernel: readonly number[],
  { stride = 1, padding = 0, dilation = 1 }: WindowOptions,
): Window[] {
  const axes = kernel.length
  const [strides, dilations] = [perAxis(stride, axes), perAxis(dilation, axes)]
  const amounts = padding === 'same' ? undefined : perAxisPads(padding, axes)
  const sizes = x.shape.slice(x.rank - axes)
  const windows = sizes.map((size, axis): Window => {
    const window = { kernel: kernel[axis]!, stride: strides[axis]!, dilation: dilations[axis]! }
    const none = { ...window, pads: [0, 0] as const }
    return { ...window, pads: amounts?.[axis] ?? samePads(size, none) }
  })
  const whole = [kernel, strides, dilations].every(
    (numbers) => numbers.length === axes && numbers.every((n) => Number.isInteger(n) && n > 0),
  )
  const fits = windows.every((window, axis) => !(Number(windowCount(sizes[axis]!, window)) < 1))
  if (!whole || x.rank !== axes + 2 || !fits) {
    throw new GraphError(
      `Windows [${kernel}] with a stride of [${strides}], a dilation of [${dilations}] and a padding of ` +
        `${JSON.stringify(padding)} don't lie in [${x.shape}], of which they need ${axes === 1 ? 'the last axis' : 'the last two axes'} behind batch and channels.`,
    )
  }
  return windows
}

const perAxisPads = (padding: Exclude<Padding, 'same'>, axes: number): (readonly [number, number])[] =>
  Array.from({ length: axes }, (_, axis) => {
    const amount = typeof padding === 'number' ? padding : padding[axis]!
    return typeof amount === 'number' ? [amount, amount] : amount
  })

function samePads(size: Dim, window: Window): [Dim, Dim] {
  const { stride } = window
  const reach = Number(extent(window))
  const count = quotient(sum([size, stride - 1]), stride)
  const lacking = difference(coveredSize(count, window), size)
  // A window that is no longer than the stride may lack nothing, which only a run can tell.
  const all = typeof lacking === 'number' ? Math.max(lacking, 0) : reach >= stride ? lacking : 0
  if (all === 0 && reach > 1 && typeof lacking === 'string')
    throw new GraphError(
      `Windows of ${reach} at a stride of ${stride} can't have the padding 'same' over "${size}": its size has to be known.`,
    )
  const before = quotient(all, 2)
  return [before, difference(all, before)]
}

/** `x` with zeros around it where only a run knows how many, and the windows without these. As many are put there as there may be, and
 * taken off again what is too much: a padding that is computed keeps onnxruntime from laying out pixels as GPUs want them. */
export function padded(x: Tensor, windows: readonly Window[]): [x: Tensor, windows: readonly Window[]] {
  if (windows.every(({ pads }) => pads.every((amount) => typeof amount === 'number'))) return [x, windows]
  const most = windows.map((window) => {
    const all = Number(extent(window)) - 1
    return [Math.floor(all / 2), Math.ceil(all / 2)] as const
  })
  const all = x.pad(most.toReversed().flat())
  const inside = windows.reduce<Tensor>((t, { pads: [before, after] }, axis) => {
    const start = difference(most[axis]![0], before)
    return t.slice(axis + 2, start, sum([start, before, x.shape[axis + 2]!, after]))
  }, all)
  return [inside, windows.map((window) => ({ ...window, pads: [0, 0] }))]
}

/** Windows as ONNX's operations have them. */
export const windowAttributes = (windows: readonly Window[]): Attributes => ({
  strides: windows.map(({ stride }) => stride),
  dilations: windows.map(({ dilation }) => dilation),
  pads: [0, 1].flatMap((end) => windows.map(({ pads }) => Number(pads[end]))),
})

/** The windows of a node of ONNX's. */
export function windowsOf({ attributes }: Node, kernel: readonly number[]): Window[] {
  const numbers = (name: string) => attributes[name] as readonly number[]
  return kernel.map((size, axis) => ({
    kernel: size,
    stride: numbers('strides')[axis]!,
    dilation: numbers('dilations')[axis]!,
    pads: [numbers('pads')[axis]!, numbers('pads')[axis + kernel.length]!],
  }))
}

/** ONNX's convolution of `x` [batch, inputs, …] with `weight` [outputs, inputs / groups, …]. */
export function conv(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  windows: readonly Window[],
  groups: number,
): Tensor {
  const counts = windows.map((window, axis) => windowCount(x.shape[axis + 2]!, window))
  const type = { dtype: x.dtype, shape: [x.shape[0]!, weight.shape[0]!, ...counts] }
  return apply('Conv', bias ? [x, weight, bias] : [x, weight], type, {
    ...windowAttributes(windows),
    group: groups,
  })
}

/** ONNX's transposed convolution of `x` [batch, inputs, …] with `weight` [inputs, outputs / groups, …]; `extra` places lie behind
 * those that the windows cover. */
export function convTranspose(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  windows: readonly Window[],
  groups: number,
  extra: readonly number[],
): Tensor {
  const sizes = windows.map((window, axis) => sum([coveredSize(x.shape[axis + 2]!, window), extra[axis]!]))
  const type = { dtype: x.dtype, shape: [x.shape[0]!, Number(weight.shape[1]) * groups, ...sizes] }
  const attributes = { ...windowAttributes(windows), group: groups, output_padding: extra }
  return apply('ConvTranspose', bias ? [x, weight, bias] : [x, weight], type, attributes)
}
