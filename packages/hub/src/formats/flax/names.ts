/** @file Names and layout of Flax's parameters in PyTorch. */
import { type PytorchVariable, reversed } from '../permuted'

/** How PyTorch ends a parameter's name; others end the same. */
const endings: Readonly<Record<string, string>> = {
  kernel: 'weight',
  scale: 'weight',
  embedding: 'weight',
  mean: 'running_mean',
  var: 'running_var',
}

/** A model with batch norms keeps parameters and statistics apart. */
const collections = ['params', 'batch_stats']

/**
 * What PyTorch calls a parameter of Flax, its shape there, and the order of its axes where that is another one.
 * @example
 * pytorchVariable(['lm_head', 'kernel'], [8, 40]) // { name: 'lm_head.weight', shape: [40, 8], axes: [1, 0] }
 */
export function pytorchVariable(path: readonly string[], shape: readonly number[]): PytorchVariable {
  const last = path.at(-1)!
  const levels = path.slice(path.length > 1 && collections.includes(path[0]!) ? 1 : 0, -1)
  const name = [...levels, Object.hasOwn(endings, last) ? endings[last]! : last].join('.')
  const rank = shape.length
  if (last !== 'kernel' || rank < 2) return { name, shape }
  // A kernel has its inputs before its outputs, and the places in a window before both.
  const axes = rank === 4 ? [3, 2, 0, 1] : reversed(rank)
  return { name, axes, shape: axes.map((axis) => shape[axis]!) }
}
