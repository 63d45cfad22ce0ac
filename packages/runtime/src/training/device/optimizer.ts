/** @file The optimizers on the GPU, and what they work on. */
import { sizeOf } from '../../tensor'
import { type MomentKind, matricesOf } from '../moments'
import type { Optimizer, SGD } from '../program'
import { adafactor } from './adafactor'
import { type Compute, GROUP } from './compute'
import type { Segment, UpdateSegment } from './segment'
import { adamw, momentum, sgd } from './shaders'

/** Makes a buffer of zeros for so many numbers. */
type Allocate = (length: number) => GPUBuffer

export interface DeviceOptimizer {
  readonly update: UpdateSegment
  readonly segments: readonly Segment[]
  /** The moments of all weights end to end. */
  readonly moments: Readonly<Partial<Record<MomentKind, GPUBuffer>>>
}

export function deviceOptimizer(
  optimizer: Optimizer,
  weights: readonly Segment[],
  compute: Compute,
  allocate: Allocate,
): DeviceOptimizer {
  const last = weights.at(-1)!
  const length = last.offset + sizeOf(last.shape)
  switch (optimizer.kind) {
    case 'adamw': {
      const { betas, eps } = optimizer
      const moments = { exp_avg: allocate(length), exp_avg_sq: allocate(length) }
      const [beta1, beta2] = betas
      return {
        moments,
        segments: merged(weights),
        update({ offset, shape }, { weights, gradients }, { learningRate, weightDecay, factor, step }) {
          const count = sizeOf(shape)
          compute.add(
            adamw,
            [weights, gradients, moments.exp_avg, moments.exp_avg_sq],
            {
              ...{ offset, count, factor, beta1, beta2 },
              rest1: 1 - beta1,
              rest2: 1 - beta2,
              decay: 1 - learningRate * weightDecay,
              step: learningRate / (1 - beta1 ** step),
              correction: 1 / Math.sqrt(1 - beta2 ** step),
              epsilon: eps,
            },
            Math.ceil(count / GROUP),
          )
        },
      }
    }
    case 'sgd': {
      const buffer = optimizer.momentum === 0 ? undefined : allocate(length)
      return {
        moments: buffer ? { momentum_buffer: buffer } : {},
        segments: merged(weights),
        update: descend(optimizer, buffer, compute),
      }
    }
    case 'adafactor': {
      const sizes = weights.map(({ shape }) => matricesOf(shape))
      const perRow = sizes.map(({ matrices, rows }) => matrices * rows)
      const perColumn = sizes.map(({ matrices, columns }) => matrices * columns)
      const buffers = {
        rowMeans: allocate(last.rowOffset + perRow.at(-1)!),
        columnMeans: allocate(last.columnOffset + perColumn.at(-1)!),
        means: optimizer.beta1 === undefined ? undefined : allocate(length),
        sums: allocate(Math.max(...perRow)),
        scalars: allocate(2 + Math.max(...sizes.map(({ matrices }) => matrices))),
      }
      return {
        moments: {
          ...(buffers.means && { exp_avg: buffers.means }),
          exp_avg_sq_row: buffers.rowMeans,
          exp_avg_sq_col: buffers.columnMeans,
          exp_avg_sq: buffers.columnMeans, // a vector is one row
        },
        segments: weights,
        update: adafactor(optimizer, compute, buffers),
      }
    }
  }
}

const descend =
  ({ momentum: kept, nesterov }: SGD, buffer: GPUBuffer | undefined, compute: Compute): UpdateSegment =>
  ({ offset, shape }, { weights, gradients }, { learningRate: rate, weightDecay, factor, step }) => {
    const count = sizeOf(shape)
    const groups = Math.ceil(count / GROUP)
    const settings = { offset, count, factor, rate, weightDecay }
    if (!buffer) return compute.add(sgd, [weights, gradients], settings, groups)
    const mixed = { kept: step === 1 ? 0 : kept, slopes: nesterov ? 1 : 0, moving: nesterov ? kept : 1 }
    compute.add(momentum, [weights, gradients, buffer], { ...settings, ...mixed }, groups)
  }

/** Neighbours of one group as one: an elementwise shader need not know where a weight ends. */
function merged(weights: readonly Segment[]): Segment[] {
  const segments: Segment[] = []
  for (const weight of weights) {
    const before = segments.at(-1)
    if (before?.group !== weight.group) segments.push({ ...weight, shape: [sizeOf(weight.shape)] })
    else segments.splice(-1, 1, { ...before, shape: [before.shape[0]! + sizeOf(weight.shape)] })
  }
  return segments
}
