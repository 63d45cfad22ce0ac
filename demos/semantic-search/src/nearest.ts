/** @file The search itself: a dot product with every vector. */

export interface Neighbour {
  readonly index: number
  /** The cosine of the angle between the two vectors, which have length 1: at most 1. */
  readonly score: number
}

/**
 * The vectors most like a query, best first.
 * @param vectors rows of the query's length, one after the other
 * @param isThere which rows are filled
 */
export function nearest(
  query: Float32Array,
  vectors: Float32Array,
  isThere: (index: number) => boolean,
  count: number,
): Neighbour[] {
  const best: Neighbour[] = []
  const width = query.length
  for (let index = 0; index * width < vectors.length; index++) {
    if (!isThere(index)) continue
    let score = 0
    for (let i = 0, at = index * width; i < width; i++, at++) score += query[i]! * vectors[at]!
    if (best.length === count && score <= best[count - 1]!.score) continue
    const place = best.findIndex((other) => score > other.score)
    best.splice(place < 0 ? best.length : place, 0, { index, score })
    if (best.length > count) best.pop()
  }
  return best
}
