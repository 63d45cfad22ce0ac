/** @file Shapes whose dimensions are numbers, or names whose size is known when the graph runs. */
import { GraphError } from './errors'

/** A size, a name (`'batch'`) or a product of names (`'batch*choices'`). */
export type Dim = number | string
export type Shape = readonly Dim[]

/** The shape two operands share, by NumPy's rule. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1]
    if (x !== y && x !== 1 && y !== 1) {
      throw new GraphError(`Shapes [${a}] and [${b}] do not broadcast: ${x} is not ${y}, and neither is 1.`)
    }
    return x === 1 ? y : x
  })
}

/** How many elements some dimensions hold together; names multiply into a name. */
export function product(dims: Shape): Dim {
  const names = dims.filter((dim) => typeof dim === 'string')
  const size = dims.reduce<number>((n, dim) => (typeof dim === 'number' ? n * dim : n), 1)
  return names.length === 0 ? size : (size === 1 ? names : [size, ...names]).join('*')
}

/** The size of a dimension once its names have sizes.
 * @example sizeOf('batch*choices', { batch: 2, choices: 4 }) // 8
 * @throws {GraphError} when a name has no size.
 */
export function sizeOf(dim: Dim, sizes: Readonly<Record<string, number>>): number {
  if (typeof dim === 'number') return dim
  return dim.split('*').reduce((size, factor) => {
    const known = /^\d+$/.test(factor) ? Number(factor) : sizes[factor]
    if (known === undefined) {
      throw new GraphError(
        `Dimension "${factor}" has no size; known: ${Object.keys(sizes).join(', ') || 'none'}.`,
      )
    }
    return size * known
  }, 1)
}

/** A place counted from the front, whether it was given from the front or from the back. */
export function axisOf(axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || place < 0 || place >= rank) {
    throw new GraphError(`Axis ${axis} is outside a tensor of rank ${rank}.`)
  }
  return place
}
