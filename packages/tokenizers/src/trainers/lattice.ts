/**
 * @file All ways to cut words into pieces: at each place of a text the pieces that begin there. Paths never leave a word.
 */
import type { Steps } from '@webformers/hub'

/** A corpus for Unigram: the symbols of all words one after the other, each word ended by a separator. */
export interface Corpus {
  text: Int32Array
  /** Where each word begins, and where one more would. */
  starts: Int32Array
  counts: Float64Array
}

/** The pieces that a text is cut into; piece 0 is the unknown one, of one character. */
export interface Pieces {
  /** Where in the text each piece occurs first or later, and its length. */
  places: Int32Array
  lengths: Int32Array
  /** Logarithms of probabilities; the unknown piece has none. */
  scores: Float64Array
}

/** By place, the pieces that begin there, shortest first: `edges[firsts[place]]` up to `edges[firsts[place + 1] - 1]`. */
export interface Lattice {
  firsts: Int32Array
  edges: Int32Array
}

/** The unknown piece: one character that no piece is. */
export const UNKNOWN = 0
/** How much worse than the worst piece an unknown character is. */
const UNKNOWN_PENALTY = 10
/** A yield every so many places, each with about ten pieces. */
const STEP = 1024

/** Keep only the pieces that `renumbered` gives a new number; −1 drops one. */
export function* keepPieces(lattice: Lattice, renumbered: Int32Array): Steps<void> {
  const { firsts, edges } = lattice
  let to = 0
  let from = 0
  for (let place = 0; place + 1 < firsts.length; place++) {
    const end = firsts[place + 1]!
    for (; from < end; from++) {
      const piece = renumbered[edges[from]!]!
      if (piece !== -1) edges[to++] = piece
    }
    firsts[place + 1] = to
    if (place % STEP === 0) yield
  }
  lattice.edges = edges.slice(0, to)
}

/** The score of an unknown character. */
export function unknownScore(scores: Float64Array): number {
  let least = Number.POSITIVE_INFINITY
  for (const score of scores) if (score < least) least = score
  return least - UNKNOWN_PENALTY
}

/** log(exp(x) + exp(y)) */
function logSumExp(x: number, y: number): number {
  const gap = x - y
  if (gap > 0) return gap > 50 ? x : x + Math.log(Math.exp(-gap) + 1)
  return gap < -50 ? y : y + Math.log(Math.exp(gap) + 1)
}

/** How often each piece is expected to be used, over all ways to cut the words. */
export function* expectedCounts(
  { starts, counts }: Corpus,
  { lengths, scores }: Pieces,
  { firsts, edges }: Lattice,
): Steps<Float64Array> {
  const expected = new Float64Array(scores.length)
  const unknown = unknownScore(scores)
  const room = longest(starts) + 1
  /** The log of what all ways to a place, and all from it, weigh together. */
  const before = new Float64Array(room)
  const after = new Float64Array(room)

  const forward = (word: number, from: number, to: number) => {
    for (let place = from; place < to; place++) {
      const score = before[place - word]!
      let single = false
      for (let i = firsts[place]!; i < firsts[place + 1]!; i++) {
        const piece = edges[i]!
        const length = lengths[piece]!
        const end = place + length - word
        before[end] = logSumExp(before[end]!, scores[piece]! + score)
        if (length === 1) single = true
      }
      if (!single) before[place + 1 - word] = logSumExp(before[place + 1 - word]!, unknown + score)
    }
  }
  const backward = (word: number, from: number, to: number) => {
    for (let place = to - 1; place >= from; place--) {
      let sum = Number.NEGATIVE_INFINITY
      let single = false
      for (let i = firsts[place]!; i < firsts[place + 1]!; i++) {
        const piece = edges[i]!
        const length = lengths[piece]!
        sum = logSumExp(sum, scores[piece]! + after[place + length - word]!)
        if (length === 1) single = true
      }
      after[place - word] = single ? sum : logSumExp(sum, unknown + after[place + 1 - word]!)
    }
  }
  const collect = (word: number, from: number, to: number, total: number, count: number) => {
    for (let place = from; place < to; place++) {
      const score = before[place - word]!
      let single = false
      for (let i = firsts[place]!; i < firsts[place + 1]!; i++) {
        const piece = edges[i]!
        const length = lengths[piece]!
        expected[piece]! += count * Math.exp(score + scores[piece]! + after[place + length - word]! - total)
        if (length === 1) single = true
      }
      if (!single) expected[UNKNOWN]! += count * Math.exp(score + unknown + after[place + 1 - word]! - total)
    }
  }

  let work = 0
  for (let index = 0; index + 1 < starts.length; index++) {
    const word = starts[index]!
    const end = starts[index + 1]! - 1
    before.fill(Number.NEGATIVE_INFINITY, 0, end - word + 1)
    before[0] = 0
    after[end - word] = 0
    for (let from = word; from < end; from += STEP) {
      forward(word, from, Math.min(from + STEP, end))
      if (end - from > STEP) yield
    }
    for (let to = end; to > word; to -= STEP) {
      backward(word, Math.max(to - STEP, word), to)
      if (to - word > STEP) yield
    }
    for (let from = word; from < end; from += STEP) {
      collect(word, from, Math.min(from + STEP, end), before[end - word]!, counts[index]!)
      if (end - from > STEP) yield
    }
    work += end - word
    if (work > STEP) {
      work = 0
      yield
    }
  }
  return expected
}

/** The best way through a stretch of the text. */
export class BestPath {
  private readonly scores: Float64Array
  /** The piece that ends at each place on the best way there. */
  private readonly last: Int32Array
  private readonly unknown: number

  /** @param room how long a stretch may be. */
  constructor(
    private readonly pieces: Pieces,
    private readonly lattice: Lattice,
    room: number,
  ) {
    this.scores = new Float64Array(room + 1)
    this.last = new Int32Array(room + 1)
    this.unknown = unknownScore(pieces.scores)
  }

  /** Read on from `from` to `to`, in a stretch that goes from `start` to `end`; no piece may be as long as `limit`. */
  read(start: number, end: number, from: number, to: number, limit: number): void {
    const { scores: best, last, unknown } = this
    const { lengths, scores } = this.pieces
    const { firsts, edges } = this.lattice
    if (from === start) {
      best.fill(Number.NEGATIVE_INFINITY, 0, end - start + 1)
      best[0] = 0
    }
    for (let place = from; place < to; place++) {
      const score = best[place - start]!
      let single = false
      for (let i = firsts[place]!; i < firsts[place + 1]!; i++) {
        const piece = edges[i]!
        const length = lengths[piece]!
        const target = place + length - start
        if (place + length > end || length >= limit) break
        if (scores[piece]! + score > best[target]!) {
          best[target] = scores[piece]! + score
          last[target] = piece
        }
        if (length === 1) single = true
      }
      if (!single && unknown + score > best[place + 1 - start]!) {
        best[place + 1 - start] = unknown + score
        last[place + 1 - start] = UNKNOWN
      }
    }
  }

  /** The score of the best way through `length` places. */
  score(length: number): number {
    return this.scores[length]!
  }

  /** Its pieces, last first. */
  *path(length: number): Generator<number, undefined> {
    for (let place = length; place > 0; ) {
      const piece = this.last[place]!
      yield piece
      place -= this.pieces.lengths[piece]!
    }
  }
}

/** The length of the longest word. */
export function longest(starts: Int32Array): number {
  let result = 0
  for (let i = 0; i + 1 < starts.length; i++) result = Math.max(result, starts[i + 1]! - starts[i]! - 1)
  return result
}
