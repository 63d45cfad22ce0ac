/** @file Which bucket of a table of attention biases a distance between two tokens falls into. */
import { constant, type HeadAxis, places, scalar, type Tensor } from '@webformers/graph'

export interface Buckets {
  /** How many there are. */
  readonly count: number
  /** From this distance on, all share the last one. */
  readonly maxDistance: number
  /** Whether half of them are for keys that come after the query; else those fall in with the query's own. */
  readonly bidirectional: boolean
}

/** The bucket of `distance` = key position − query position: exact when near, logarithmic when far.
 * In float32 throughout, as torch computes it: the borders between buckets depend on its rounding. */
export function relativePositionBucket(distance: number, { count, maxDistance, bidirectional }: Buckets) {
  const side = bidirectional && distance > 0 ? count >> 1 : 0
  const n = bidirectional ? Math.abs(distance) : Math.max(0, -distance)
  const mine = bidirectional ? count >> 1 : count
  const exact = mine >> 1
  if (n < exact) return side + n
  const log = Math.fround(Math.log(Math.fround(n / exact)))
  const octaves = Math.fround(log / Math.log(maxDistance / exact))
  return side + Math.min(mine - 1, exact + Math.trunc(Math.fround(octaves * (mine - exact))))
}

/** The bucket of each pair of positions along a named dimension: [queries, keys], int32. */
export function relativePositionBuckets(dim: string, buckets: Buckets): Tensor {
  const { maxDistance } = buckets
  const distances = Array.from({ length: 2 * maxDistance + 1 }, (_, i) => i - maxDistance)
  const table = distances.map((distance) => relativePositionBucket(distance, buckets))
  const { queries, keys } = places(dim)
  const distance = keys.sub(queries)
  const far = (sign: 1 | -1) => scalar(sign * maxDistance, 'int32')
  const near = distance
    .less(-maxDistance)
    .where(far(-1), distance.greater(maxDistance).where(far(1), distance))
  return constant(table, [table.length], 'int32').gather(near.add(maxDistance))
}

/** Of biases [batch, heads, queries, keys], which layers share, those of the heads that one of them has. */
export const ofHeads = (bias: Tensor, { kept, total }: HeadAxis): Tensor =>
  kept.length === total ? bias : bias.gather(constant(kept, [kept.length], 'int32'), 1)
