/** @file Merging a word's symbols, lowest rank first and leftmost among equals, in n log n. */
import type { Steps } from '@webformers/hub'
import type { PairIndex } from '../text/pair-index'
import type { Symbols } from './symbols'

/** Up to this many symbols, looking at every rank each time is faster than a heap. */
const SHORT = 48
const STEP = 8192

/** Words up to this length share the columns that merging takes; none of them takes a rest in between. */
export const SHARED = 1024

const NONE = 0x7fffffff
const sharedRanks = new Int32Array(SHORT)

/** Merge until no neighbours have a rank. `ranks` numbers pairs by rank; `merged` is what each becomes. */
export function* mergeAll(symbols: Symbols, ranks: PairIndex, merged: Int32Array): Steps<void> {
  if (symbols.length > SHORT) yield* mergeByHeap(symbols, ranks, merged)
  else mergeByScan(symbols, ranks, merged)
}

function mergeByScan(symbols: Symbols, pairs: PairIndex, merged: Int32Array): void {
  const { ids, starts, ends } = symbols
  const ranks = sharedRanks
  let last = symbols.length - 1
  const rankAt = (i: number) => {
    const rank = pairs.find(ids[i]!, ids[i + 1]!)
    return rank === -1 ? NONE : rank
  }
  for (let i = 0; i < last; i++) ranks[i] = rankAt(i)
  while (last > 0) {
    let best = NONE
    let at = 0
    for (let i = 0; i < last; i++) {
      if (ranks[i]! < best) {
        best = ranks[i]!
        at = i
      }
    }
    if (best === NONE) break
    ids[at] = merged[best]!
    ends[at] = ends[at + 1]!
    for (let i = at + 1; i < last; i++) {
      ids[i] = ids[i + 1]!
      starts[i] = starts[i + 1]!
      ends[i] = ends[i + 1]!
      ranks[i] = ranks[i + 1]!
    }
    last--
    if (at > 0) ranks[at - 1] = rankAt(at - 1)
    if (at < last) ranks[at] = rankAt(at)
  }
  symbols.length = last + 1
}

function* mergeByHeap(symbols: Symbols, pairs: PairIndex, merged: Int32Array): Steps<void> {
  const { ids, starts, ends, length } = symbols
  const { next, before, heap } = length <= SHARED ? shared : columnsOf(length)
  heap.size = 0
  const offer = (left: number) => {
    if (left < 0 || next[left]! >= length) return
    const rank = pairs.find(ids[left]!, ids[next[left]!]!)
    if (rank !== -1) heap.push(rank, left)
  }
  for (let i = 0; i < length; i++) {
    next[i] = i + 1
    before[i] = i - 1
  }
  for (let i = 0; i < length; i++) {
    offer(i)
    if (i % STEP === STEP - 1) yield
  }
  for (let count = 1; heap.size > 0; count++) {
    const { rank, position: at } = heap
    heap.pop()
    if (count % STEP === 0) yield
    const right = next[at]!
    // An entry whose symbols have changed since it was pushed.
    if (ids[at] === -1 || right >= length) continue
    const now = pairs.find(ids[at]!, ids[right]!)
    if (now === -1 || merged[now] !== merged[rank]) continue
    ids[at] = merged[rank]!
    ends[at] = ends[right]!
    ids[right] = -1
    next[at] = next[right]!
    if (next[at]! < length) before[next[at]!] = at
    offer(before[at]!)
    offer(at)
  }
  let kept = 0
  for (let i = 0; i < length; i = next[i]!) {
    ids[kept] = ids[i]!
    starts[kept] = starts[i]!
    ends[kept++] = ends[i]!
  }
  symbols.length = kept
}

/** Positions a rank can stand before in one number that a double holds exactly. */
const POSITIONS = 2 ** 31

/** A binary min-heap of (rank, position), each pair one number. */
export class Heap {
  size = 0
  private keys: Float64Array

  constructor(expected: number) {
    this.keys = new Float64Array(Math.max(expected, 16))
  }

  /** Of the least entry. */
  get rank(): number {
    return Math.floor(this.keys[0]! / POSITIONS)
  }

  get position(): number {
    return this.keys[0]! % POSITIONS
  }

  push(rank: number, position: number): void {
    if (this.size === this.keys.length) {
      const larger = new Float64Array(this.size * 2)
      larger.set(this.keys)
      this.keys = larger
    }
    const { keys } = this
    const key = rank * POSITIONS + position
    let i = this.size++
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (keys[parent]! <= key) break
      keys[i] = keys[parent]!
      i = parent
    }
    keys[i] = key
  }

  /** Remove the least entry. */
  pop(): void {
    const { keys } = this
    const length = --this.size
    const key = keys[length]!
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) break
      if (child + 1 < length && keys[child + 1]! < keys[child]!) child++
      if (key <= keys[child]!) break
      keys[i] = keys[child]!
      i = child
    }
    keys[i] = key
  }
}

/** For each symbol the next and the one before, and the merges that wait. */
const columnsOf = (length: number) => ({
  next: new Int32Array(length),
  before: new Int32Array(length),
  heap: new Heap(length),
})

const shared = columnsOf(SHARED)
