/** @file Images in other sizes, as torch.nn.functional.interpolate makes them. */
import { GraphError } from './errors'
import { canonical, type Dim, product, quotient } from './shape'
import { type Attributes, apply, arange, constant, shapeTensor, type Tensor } from './tensor'
import { Float } from './types'

export interface InterpolateOptions {
  /** The new height and width, or instead of them `scale`. */
  size?: readonly [height: Dim, width: Dim]
  scale?: number | readonly [height: number, width: number]
  mode?: 'nearest' | 'bilinear' | 'bicubic'
  /** Whether the corners stay where they are, instead of the edges. */
  alignCorners?: boolean
  /** Whether a smaller image is made of means, so that nothing fine is lost between its pixels. */
  antialias?: boolean
}

/** Torch's for images; with antialias it takes that of PIL. */
const CUBIC = -0.75
const CUBIC_ANTIALIAS = -0.5

/**
 * `x` [batch, channels, height, width] in another height and width. As `torch.nn.functional.interpolate`.
 * @example interpolate(features, { size: ['height', 'width'], mode: 'bilinear' }) // [batch, channels, 'height', 'width']
 * @throws {GraphError} when there is no size to be had.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = 'nearest', alignCorners = false, antialias = false } = options
  const size = sizeOf(x, options)
  const from = x.shape.slice(2)
  if (String(from) === String(size)) return x
  if (from.every((dim) => dim === 1)) return x.expand(...x.shape.slice(0, 2), ...size)
  if (mode === 'nearest') return nearest(nearest(x, 2, size[0]), 3, size[1])
  const attributes: Attributes = {
    mode: mode === 'bilinear' ? 'linear' : 'cubic',
    coordinate_transformation_mode: alignCorners ? 'align_corners' : 'half_pixel',
    cubic_coeff_a: new Float(CUBIC),
  }
  const shape = [...x.shape.slice(0, 2), ...size]
  if (!antialias)
    return apply(
      'Resize',
      [x, undefined, undefined, shapeTensor(shape)],
      { dtype: x.dtype, shape },
      attributes,
    )
  const [rows, columns] = size.map((to, i) => interpolationMatrix(to, from[i]!, attributes, true))
  return rows!.matmul(x.matmul(columns!.T))
}

function sizeOf(x: Tensor, { size, scale }: InterpolateOptions): readonly [Dim, Dim] {
  const [height, width] = x.shape.slice(2)
  if (x.rank === 4 && (size === undefined) !== (scale === undefined)) {
    if (size) return size.map(canonical) as [Dim, Dim]
    const [rows, columns] = typeof scale === 'number' ? [scale, scale] : scale!
    return [scaled(height!, rows), scaled(width!, columns)]
  }
  throw new GraphError(
    `interpolate needs x [batch, channels, height, width] and either a size or a scale, got [${x.shape}] and ` +
      `${JSON.stringify({ size, scale })}.`,
  )
}

function scaled(size: Dim, scale: number): Dim {
  if (typeof size === 'number') return Math.floor(size * scale)
  if (Number.isInteger(scale)) return product([size, scale])
  if (Number.isInteger(1 / scale)) return quotient(size, 1 / scale)
  throw new GraphError(`"${size}" can't be scaled by ${scale} before its size is known; give a size instead.`)
}

/** The entries of an axis that are nearest to those of one of another size. */
function nearest(x: Tensor, axis: number, to: Dim): Tensor {
  const from = x.shape[axis]!
  if (from === to) return x
  if (typeof from === 'number' && typeof to === 'number') {
    const step = Math.fround(from / to)
    const places = Array.from({ length: to }, (_, i) => Math.min(Math.floor(Math.fround(i * step)), from - 1))
    return x.gather(constant(places, [to], 'int32'), axis)
  }
  const count = (dim: Dim) =>
    typeof dim === 'number'
      ? constant([dim], [1], 'int32')
      : apply('Derived', [], { dtype: 'int32', shape: [1] }, { kind: 'count', dims: [dim] })
  return x.gather(arange(String(to)).mul(count(from)).div(count(to)), axis)
}

/** How much of each entry of an axis goes into each of one of another size, [to, from]: known before the run. */
export const interpolationMatrix = (to: Dim, from: Dim, attributes: Attributes, antialias = false): Tensor =>
  apply(
    'Derived',
    [],
    { dtype: 'float32', shape: [to, from] },
    {
      kind: 'interpolation',
      dims: [String(to), String(from)],
      mode: attributes.mode!,
      align: Number(attributes.coordinate_transformation_mode === 'align_corners'),
      antialias: Number(antialias),
    },
  )

/** What the matrix of an interpolation is made of. */
export interface Interpolation {
  readonly mode: 'linear' | 'cubic'
  readonly align: 0 | 1
  readonly antialias: 0 | 1
}

/** The numbers of the matrix: each row adds up to one. */
export function interpolationWeights(
  to: number,
  from: number,
  { mode, align, antialias }: Interpolation,
): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(to * from)
  const step = align ? (to > 1 ? (from - 1) / (to - 1) : 0) : from / to
  for (let i = 0; i < to; i++) {
    const row = weights.subarray(i * from, (i + 1) * from)
    if (antialias) spreadOver(row, step * (i + 0.5), Math.max(step, 1), mode)
    else {
      const place = align ? step * i : step * (i + 0.5) - 0.5
      const at = mode === 'linear' ? Math.max(place, 0) : place
      const first = Math.floor(at)
      const reach = mode === 'linear' ? [0, 1] : [-1, 0, 1, 2]
      for (const j of reach) {
        const entry = Math.min(Math.max(first + j, 0), from - 1) // beyond the edge lies the edge
        row[entry]! += kernels[mode](Math.abs(at - first - j), CUBIC)
      }
    }
  }
  return weights
}

const kernels = {
  linear: (distance: number) => Math.max(1 - distance, 0),
  cubic(distance: number, a: number) {
    if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1
    return distance < 2 ? ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a : 0
  },
}

/** A row of weights around `center`, as wide as the entries it stands for. */
function spreadOver(row: Float32Array, center: number, width: number, mode: Interpolation['mode']) {
  const support = (mode === 'linear' ? 1 : 2) * width
  const first = Math.max(Math.trunc(center - support + 0.5), 0)
  const end = Math.min(Math.trunc(center + support + 0.5), row.length)
  let total = 0
  for (let j = first; j < end; j++) {
    row[j] = kernels[mode](Math.abs((j - center + 0.5) / width), CUBIC_ANTIALIAS)
    total += row[j]!
  }
  for (let j = first; j < end; j++) row[j]! /= total
}
