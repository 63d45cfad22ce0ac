/** @file Which bucket of MPNet's attention bias a distance between two tokens falls into. */

/** Fixed, as in Python, which sizes the table by its configuration but always counts 32 buckets. */
export const NUM_BUCKETS = 32
const MAX_DISTANCE = 128

/** The bucket of `distance` = key position − query position: exact when near, logarithmic when far.
 * In float32 throughout, as torch computes it: the borders between buckets depend on its rounding. */
export function relativePositionBucket(distance: number): number {
  const half = NUM_BUCKETS / 2
  const exact = half / 2
  const side = distance > 0 ? half : 0
  const n = Math.abs(distance)
  if (n < exact) return side + n
  const log = Math.fround(Math.log(Math.fround(n / exact)))
  const octaves = Math.fround(log / Math.log(MAX_DISTANCE / exact))
  return side + Math.min(half - 1, exact + Math.trunc(Math.fround(octaves * (half - exact))))
}
