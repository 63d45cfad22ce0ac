/** @file Where weights lie on the GPU, and what changes them there. */
import { matricesOf } from '../moments'
import type { Trainable } from '../program'
import type { Update } from '../update'

/** Weights that lie side by side and are changed alike. */
export interface Segment {
  readonly group: number
  readonly offset: number
  /** Where its rows and columns begin among those of all weights. */
  readonly rowOffset: number
  readonly columnOffset: number
  readonly shape: readonly number[]
}

/** Has the shaders that change a segment wait for their turn. */
export type UpdateSegment = (
  segment: Segment,
  buffers: { readonly weights: GPUBuffer; readonly gradients: GPUBuffer },
  update: Update,
) => void

/** Where each weight lies among all. */
export function segmentsOf(trainable: readonly Trainable[], groups: readonly number[]): Segment[] {
  const segments: Segment[] = []
  let [offset, rowOffset, columnOffset] = [0, 0, 0]
  for (const [i, { shape }] of trainable.entries()) {
    segments.push({ group: groups[i]!, offset, rowOffset, columnOffset, shape })
    const { matrices, rows, columns } = matricesOf(shape)
    offset += matrices * rows * columns
    rowOffset += matrices * rows
    columnOffset += matrices * columns
  }
  return segments
}
