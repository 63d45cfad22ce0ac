/**
 * @file Which pair is merged next: the most frequent, of equals the one with the lower ids. An entry knows the words its
 * pair was found in; a pair found again later gets a further entry, as in the Rust library.
 */
import { Int32List } from './int32-list'
import type { PairTable } from './pair-table'

/** A pair's words, as far as they have been noted since it was last queued. */
const NONE = -1

export class MergeQueue {
  /** Entries by number; `heap` holds the numbers. */
  private readonly pairs = new Int32List()
  private readonly heads = new Int32List()
  private counts = new Float64Array(1024)
  private readonly heap = new Int32List()
  /** Lists of words, each item with the place of the next. */
  private readonly words = new Int32List()
  private readonly nexts = new Int32List()
  /** By pair: where the list of words begins that are noted and not yet queued. */
  private pending = new Int32Array(0)
  private readonly touched = new Int32List()

  constructor(private readonly table: PairTable) {}

  /** Note that `pair` occurs in `word`; notes about one word follow each other. */
  note(pair: number, word: number): void {
    if (pair >= this.pending.length) {
      const larger = new Int32Array(Math.max(1024, pair * 2)).fill(NONE)
      larger.set(this.pending)
      this.pending = larger
    }
    const head = this.pending[pair]!
    if (head === NONE) this.touched.push(pair)
    else if (this.words.data[head] === word) return
    this.pending[pair] = this.words.length
    this.words.push(word)
    this.nexts.push(head)
  }

  /** Queue the noted pairs that still occur. */
  flush(): void {
    for (let i = 0; i < this.touched.length; i++) {
      const pair = this.touched.data[i]!
      const count = this.table.counts[pair]!
      if (count > 0) this.push(pair, count, this.pending[pair]!)
      this.pending[pair] = NONE
    }
    this.touched.length = 0
  }

  /** The next pair to merge and where it was found; undefined when no pair occurs as often as `minFrequency`. */
  pop(minFrequency: number): { pair: number; words: Iterable<number> } | undefined {
    while (this.heap.length > 0) {
      const entry = this.heap.data[0]!
      const pair = this.pairs.data[entry]!
      const count = unsigned(this.table.counts[pair]!)
      if (count !== this.counts[entry]!) {
        this.counts[entry] = count
        this.sink(0)
        continue
      }
      if (count < Math.max(1, minFrequency)) return undefined
      const last = this.heap.data[--this.heap.length]!
      if (this.heap.length > 0) {
        this.heap.data[0] = last
        this.sink(0)
      }
      return { pair, words: this.listed(this.heads.data[entry]!) }
    }
    return undefined
  }

  private *listed(head: number): Generator<number, undefined> {
    for (let at = head; at !== NONE; at = this.nexts.data[at]!) yield this.words.data[at]!
  }

  private push(pair: number, count: number, head: number): void {
    const entry = this.pairs.length
    if (entry === this.counts.length) {
      const larger = new Float64Array(entry * 2)
      larger.set(this.counts)
      this.counts = larger
    }
    this.pairs.push(pair)
    this.heads.push(head)
    this.counts[entry] = count
    this.heap.push(entry)
    const heap = this.heap.data
    let at = this.heap.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.precedes(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  private sink(from: number): void {
    const heap = this.heap.data
    const { length } = this.heap
    const entry = heap[from]!
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      if (child + 1 < length && this.precedes(heap[child + 1]!, heap[child]!)) child++
      if (!this.precedes(heap[child]!, entry)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = entry
  }

  private precedes(a: number, b: number): boolean {
    const difference = this.counts[a]! - this.counts[b]!
    if (difference !== 0) return difference > 0
    const left = this.pairs.data[a]!
    const right = this.pairs.data[b]!
    const { lefts, rights } = this.table
    return (
      lefts.data[left]! < lefts.data[right]! ||
      (lefts.data[left] === lefts.data[right] && rights.data[left]! < rights.data[right]!)
    )
  }
}

/** The library reads a count below zero as an unsigned one: more than any other. */
const unsigned = (count: number): number => (count < 0 ? 2 ** 52 + count : count)
