/** @file Unigram's pruning: the pieces whose loss hurts the corpus least go. */
import type { Steps } from '@webformers/hub'
import { Int32List } from './int32-list'
import { BestPath, type Corpus, type Lattice, longest, type Pieces, UNKNOWN } from './lattice'
import { sorted } from './sort'

const STEP = 2048

/** The pieces to keep, in the order they are to have. @param size how many of them there should be. */
export function* prune(corpus: Corpus, pieces: Pieces, lattice: Lattice, size: number): Steps<number[]> {
  const alternatives = yield* secondBest(pieces, lattice)
  const counts = yield* bestCounts(corpus, pieces, lattice)
  let sum = 0
  for (const count of counts) sum += count
  let words = 0
  for (const count of corpus.counts) words += count
  const logSum = Math.log(sum)

  const kept: number[] = [UNKNOWN]
  const candidates = new Int32List()
  const losses = new Float64Array(pieces.scores.length)
  for (let piece = 1; piece < losses.length; piece++) {
    const from = alternatives.starts[piece]!
    const to = alternatives.starts[piece + 1]!
    const count = counts[piece]!
    if (piece % STEP === 0) yield
    if (count === 0 && alternatives.splits[piece]) continue
    if (from === to) kept.push(piece)
    else if (count > 0) {
      // Without the piece, its count goes to those that take its place. The library counts all pieces where it means
      // these; the order of the losses, and so the vocabulary, depends on it.
      const logSumWithout = Math.log(sum + count * (losses.length - 1))
      let without = 0
      for (let i = from; i < to; i++) {
        without += Math.log(counts[alternatives.pieces.data[i]!]! + count) - logSumWithout
      }
      losses[piece] = (count / words) * (Math.log(count) - logSum - without)
      candidates.push(piece)
    }
  }
  const order = yield* sorted(
    candidates.data.subarray(0, candidates.length),
    (a, b) => losses[b]! - losses[a]!,
  )
  // Those kept for want of an alternative may be more already; then all stay, as in the Rust library.
  const room = size - kept.length
  for (const piece of room >= 0 ? order.subarray(0, room) : order) kept.push(piece)
  return kept
}

interface Alternatives {
  /** Whether a piece is best cut into others, and is there for nothing. */
  splits: Uint8Array
  /** Which pieces take the place of each: `pieces[starts[piece]]` up to `pieces[starts[piece + 1] - 1]`. */
  starts: Int32Array
  pieces: Int32List
}

/** What each piece would be cut into if it were not there. */
function* secondBest(pieces: Pieces, lattice: Lattice): Steps<Alternatives> {
  const { places, lengths, scores } = pieces
  const result: Alternatives = {
    splits: new Uint8Array(scores.length),
    starts: new Int32Array(scores.length + 1),
    pieces: new Int32List(),
  }
  const best = new BestPath(
    pieces,
    lattice,
    lengths.reduce((most, length) => Math.max(most, length), 0),
  )
  let work = 0
  for (let piece = 1; piece < scores.length; piece++) {
    const length = lengths[piece]!
    if (length > 1) {
      const place = places[piece]!
      best.read(place, place + length, place, place + length, length)
      if (best.score(length) >= scores[piece]!) result.splits[piece] = 1
      else for (const other of [...best.path(length)].reverse()) result.pieces.push(other)
    }
    result.starts[piece + 1] = result.pieces.length
    work += length
    if (work > STEP) {
      work = 0
      yield
    }
  }
  return result
}

/** How often each piece is used when every word is cut in its best way. */
function* bestCounts({ starts, counts }: Corpus, pieces: Pieces, lattice: Lattice): Steps<Float64Array> {
  const result = new Float64Array(pieces.scores.length)
  const best = new BestPath(pieces, lattice, longest(starts))
  let work = 0
  for (let word = 0; word + 1 < starts.length; word++) {
    const start = starts[word]!
    const end = starts[word + 1]! - 1
    for (let from = start; from < end; from += STEP) {
      best.read(start, end, from, Math.min(from + STEP, end), Number.POSITIVE_INFINITY)
      if (end - from > STEP) yield
    }
    for (const piece of best.path(end - start)) result[piece]! += counts[word]!
    work += end - start
    if (work > STEP) {
      work = 0
      yield
    }
  }
  return result
}
