/** @file What an optimizer remembers of each weight, on any device; checkpoints of trainings have it by these names. */
import { sizeOf } from '../tensor'
import type { Optimizer } from './program'

/** What a moment is called; PyTorch's optimizers have it by this name in their state. */
export type MomentKind = 'exp_avg' | 'exp_avg_sq' | 'exp_avg_sq_row' | 'exp_avg_sq_col' | 'momentum_buffer'

export interface Moment {
  readonly kind: MomentKind
  readonly shape: readonly number[]
}

/** What is remembered of a weight of this shape. */
export function moments(optimizer: Optimizer, shape: readonly number[]): Moment[] {
  switch (optimizer.kind) {
    case 'adamw':
      return [
        { kind: 'exp_avg', shape },
        { kind: 'exp_avg_sq', shape },
      ]
    case 'sgd':
      return optimizer.momentum === 0 ? [] : [{ kind: 'momentum_buffer', shape }]
    case 'adafactor': {
      const mean: Moment[] = optimizer.beta1 === undefined ? [] : [{ kind: 'exp_avg', shape }]
      if (shape.length < 2) return [...mean, { kind: 'exp_avg_sq', shape }]
      return [
        ...mean,
        { kind: 'exp_avg_sq_row', shape: shape.slice(0, -1) },
        { kind: 'exp_avg_sq_col', shape: [...shape.slice(0, -2), shape.at(-1)!] },
      ]
    }
  }
}

/** How a weight's last two dimensions are called, and how often it has them; a vector is one row. */
export function matricesOf(shape: readonly number[]): { matrices: number; rows: number; columns: number } {
  const [columns = 1, rows = 1, ...matrices] = shape.toReversed()
  return { matrices: sizeOf(matrices), rows, columns }
}

/** The name under which a moment of a weight is saved. */
export const momentName = (kind: string, weight: string) => `${kind}:${weight}`
