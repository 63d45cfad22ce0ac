/** @file Shapes whose dimensions are numbers, or names whose size is known when the graph runs. */
import type { Dim } from './dim'
import { GraphError } from './errors'

export {
  type Arithmetic,
  canonical,
  cofactor,
  compute,
  type Dim,
  difference,
  isName,
  largest,
  namesIn,
  product,
  quotient,
  sizeOf,
  sum,
} from './dim'

export type Shape = readonly Dim[]

/** Whether two shapes are the same. */
export const alike = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, axis) => dim === b[axis])

/** The shape two operands share, by NumPy's rule. */
export function broadcast(a: Shape, b: Shape): Shape {
  if (b.length === 0 || alike(a, b)) return a
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1]
    if (x !== y && x !== 1 && y !== 1) {
      throw new GraphError(`Shapes [${a}] and [${b}] do not broadcast: ${x} is not ${y}, and neither is 1.`)
    }
    return x === 1 ? y : x
  })
}

/** A place counted from the front, whether it was given from the front or from the back. */
export function axisOf(axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || place < 0 || place >= rank) {
    throw new GraphError(`Axis ${axis} is outside a tensor of rank ${rank}.`)
  }
  return place
}
