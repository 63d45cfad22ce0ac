/** @file The gradients of operations over windows. */
import { interpolationMatrix } from './interpolation'
import type { Primitive } from './operations'
import type { Rule } from './rule'
import { type Dim, product } from './shape'
import { constant, type Tensor } from './tensor'
import { conv, convTranspose, coveredSize, type Window, windowsOf } from './windows'

const groupsOf = (y: Tensor) => Number(y.node.attributes.group)
const kernelOf = (weight: Tensor) => weight.shape.slice(2) as number[]
/** All axes but that of the channels. */
const besidesChannels = ({ shape }: Tensor) => shape.map((_, axis) => axis).filter((axis) => axis !== 1)

export const convolutionRules = {
  Conv(dy, y, x, weight, bias) {
    const [windows, groups] = [windowsOf(y.node, kernelOf(weight!)), groupsOf(y)]
    return [
      arePoints(windows) && groups === 1
        ? conv(
            dy,
            weight!.transpose(1, 0, ...weight!.shape.slice(2).map((_, i) => i + 2)),
            undefined,
            windows,
            1,
          )
        : spread(dy, x!.shape.slice(2), weight!, windows, groups),
      weightGradient(x!, dy, weight!, windows, groups),
      bias && dy.sum(besidesChannels(dy)),
    ]
  },
  ConvTranspose(dy, y, x, weight, bias) {
    const [windows, groups] = [windowsOf(y.node, kernelOf(weight!)), groupsOf(y)]
    return [
      conv(dy, weight!, undefined, windows, groups),
      weightGradient(dy, x!, weight!, windows, groups),
      bias && dy.sum(besidesChannels(dy)),
    ]
  },
  // The first of the largest entries of a window receives what the window does, as in torch.
  MaxPool(dy, y, x) {
    const kernel = y.node.attributes.kernel_shape as readonly number[]
    const windows = windowsOf(y.node, kernel)
    const places = oneHot(kernel) // a channel for each place of a window
    const around = windows.toReversed().flatMap(({ pads }) => pads)
    const values = conv(
      planes(x!).pad(around, { value: LOW }),
      places,
      undefined,
      windows.map((window) => ({ ...window, pads: [0, 0] })),
      1,
    )
    const largest = values.equal(planes(y))
    const first = largest.where(largest.cast(dy.dtype).cumsum(1), 0).equal(1)
    const dx = spread(first.where(planes(dy), 0), x!.shape.slice(2), places, windows, 1)
    return [dx.reshape(...x!.shape)]
  },
  AveragePool(dy, y, x) {
    const kernel = y.node.attributes.kernel_shape as readonly number[]
    const count = kernel.reduce((size, each) => size * each, 1)
    const even = constant(
      Array.from({ length: count }, () => 1 / count),
      [1, 1, ...kernel],
    )
    return [spread(planes(dy), x!.shape.slice(2), even, windowsOf(y.node, kernel), 1).reshape(...x!.shape)]
  },
  Resize(dy, y, x) {
    const matrix = (axis: number) => interpolationMatrix(y.shape[axis]!, x!.shape[axis]!, y.node.attributes)
    return [matrix(2).T.matmul(dy.matmul(matrix(3)))]
  },
} satisfies { readonly [O in Primitive]?: Rule }

/** Lower than any entry that somebody pools. */
const LOW = -1e38

/** Each channel of each image by itself: [batch × channels, 1, height, width]. */
const planes = (x: Tensor) => x.reshape(product(x.shape.slice(0, 2)), 1, ...x.shape.slice(2))

/** Convolved with it, an image becomes its windows, entry by entry: [entries, 1, height, width]. */
function oneHot(kernel: readonly number[]): Tensor {
  const size = kernel.reduce((product, each) => product * each, 1)
  const values = Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0))
  return constant(values, [size, 1, ...kernel])
}

/** Whether each window is one place. */
const arePoints = (windows: readonly Window[]) =>
  windows.every(
    ({ kernel, stride, pads }) => kernel === 1 && stride === 1 && pads.every((amount) => amount === 0),
  )

/** What windows give back to the places they read, where the axes are of these sizes. */
function spread(
  dy: Tensor,
  sizes: readonly Dim[],
  weight: Tensor,
  windows: readonly Window[],
  groups: number,
): Tensor {
  const extra = windows.map((window, axis) => {
    const covered = coveredSize(dy.shape[axis + 2]!, window)
    const size = sizes[axis]!
    // How many places at the end no window reaches may only be known when the graph runs: fewer than a stride.
    return typeof size === 'number' && typeof covered === 'number' ? size - covered : window.stride - 1
  })
  const dx = convTranspose(dy, weight, undefined, windows, groups, extra)
  return sizes.reduce<Tensor>((part, size, axis) => part.slice(axis + 2, 0, size), dx)
}

/** The gradient of the weight of a convolution of `x` whose output receives `dy`: the convolution of `x` with `dy`, images in the
 * place of channels, strides in that of dilations. */
function weightGradient(
  x: Tensor,
  dy: Tensor,
  weight: Tensor,
  windows: readonly Window[],
  groups: number,
): Tensor {
  const [batch, channels, ...sizes] = x.shape as [Dim, number, ...Dim[]]
  if (arePoints(windows) && groups === 1) {
    const rows = (t: Tensor) => t.reshape(batch, t.shape[1]!, product(sizes))
    return rows(dy)
      .matmul(rows(x).T)
      .sum([0])
      .reshape(...weight.shape)
  }
  const axes = sizes.map((_, axis) => axis)
  const images = x // [inputs / groups, groups × batch, …]
    .reshape(batch, groups, channels / groups, ...sizes)
    .transpose(2, 1, 0, ...axes.map((axis) => axis + 3))
    .reshape(channels / groups, product([groups, batch]), ...sizes)
  const swap = [1, 0, ...axes.map((axis) => axis + 2)]
  const swapped = windows.map(
    ({ stride, dilation, pads }, axis): Window => ({
      kernel: dy.shape[axis + 2]!,
      stride: dilation,
      dilation: stride,
      pads,
    }),
  )
  const dweight = conv(images, dy.transpose(...swap), undefined, swapped, groups).transpose(...swap)
  return weight.shape.slice(2).reduce<Tensor>((part, size, axis) => part.slice(axis + 2, 0, size), dweight)
}
