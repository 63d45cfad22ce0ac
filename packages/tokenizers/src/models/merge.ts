/** @file Merging a word's symbols, lowest rank first and leftmost among equals, in n log n. */
import type { PairMap } from '../text/pair-map'
import type { Word } from './model'

/** Merge until no neighbours have a rank. Short words rescan; long ones keep the candidates in a heap. */
export function mergeAll(
  ids: number[],
  starts: number[],
  ends: number[],
  ranks: PairMap,
  merged: Int32Array,
  tokenOf: (id: number) => string,
): Word {
  if (ids.length > 32) mergeByHeap(ids, starts, ends, ranks, merged)
  else mergeByScan(ids, starts, ends, ranks, merged)
  return { ids, tokens: ids.map(tokenOf), starts, ends }
}

function mergeByScan(
  ids: number[],
  starts: number[],
  ends: number[],
  ranks: PairMap,
  merged: Int32Array,
): void {
  while (ids.length > 1) {
    let best = -1
    let at = -1
    for (let i = 0; i + 1 < ids.length; i++) {
      const rank = ranks.get(ids[i]!, ids[i + 1]!)
      if (rank !== -1 && (best === -1 || rank < best)) {
        best = rank
        at = i
      }
    }
    if (at === -1) return
    ids.splice(at, 2, merged[best]!)
    starts.splice(at + 1, 1)
    ends.splice(at, 1)
  }
}

function mergeByHeap(
  ids: number[],
  starts: number[],
  ends: number[],
  ranks: PairMap,
  merged: Int32Array,
): void {
  const length = ids.length
  const next = Int32Array.from(ids, (_, i) => i + 1)
  const before = Int32Array.from(ids, (_, i) => i - 1)
  const heap = new Heap()
  const offer = (left: number) => {
    if (left < 0 || next[left]! >= length) return
    const rank = ranks.get(ids[left]!, ids[next[left]!]!)
    if (rank !== -1) heap.push(rank, left)
  }
  for (let i = 0; i + 1 < length; i++) offer(i)
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const { rank, at } = top
    const right = next[at]!
    // An entry whose symbols have changed since it was pushed.
    if (ids[at] === -1 || right >= length) continue
    const now = ranks.get(ids[at]!, ids[right]!)
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
  ids.length = starts.length = ends.length = kept
}

/** A binary min-heap of (rank, position). */
class Heap {
  private readonly ranks: number[] = []
  private readonly positions: number[] = []

  push(rank: number, position: number): void {
    const { ranks, positions } = this
    let i = ranks.length
    ranks.push(rank)
    positions.push(position)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.less(rank, position, parent)) break
      ranks[i] = ranks[parent]!
      positions[i] = positions[parent]!
      i = parent
    }
    ranks[i] = rank
    positions[i] = position
  }

  pop(): { rank: number; at: number } | undefined {
    const { ranks, positions } = this
    if (ranks.length === 0) return undefined
    const top = { rank: ranks[0]!, at: positions[0]! }
    const rank = ranks.pop()!
    const position = positions.pop()!
    const { length } = ranks
    if (length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) break
      if (child + 1 < length && this.less(ranks[child + 1]!, positions[child + 1]!, child)) child++
      if (this.less(rank, position, child)) break
      ranks[i] = ranks[child]!
      positions[i] = positions[child]!
      i = child
    }
    ranks[i] = rank
    positions[i] = position
    return top
  }

  private less(rank: number, position: number, than: number): boolean {
    return rank < this.ranks[than]! || (rank === this.ranks[than]! && position < this.positions[than]!)
  }
}
