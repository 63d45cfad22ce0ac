/**
 * @file The substrings that occur in different contexts: what a suffix tree has as inner nodes, down to the depth that
 * pieces may have. All occurrences are sorted by one more symbol a round, and those that stand alone drop out.
 */
import type { Steps } from '@webformers/hub'
import { Int32List } from './int32-list'

/** What ends a word: no substring reaches over it. */
export const SEPARATOR = 0

/** The substrings of one length. */
export interface Level {
  length: number
  /** How often each occurs. */
  counts: Int32Array
  /** Where: the occurrences of the first substring, then those of the second, … */
  positions: Int32Array
}

/** Occurrences of the substrings of one length, those of one substring side by side. */
interface Groups {
  positions: Int32Array
  /** Which substring each is of: 0 for the first. */
  groups: Int32Array
  count: number
}

/** A yield every so many symbols. */
const STEP = 0x3fff

/**
 * @param text symbols below `symbols`, each word ended by a separator.
 * @returns by length, from 2 on, the substrings that are followed by at least two different symbols.
 */
export function* branchingSubstrings(text: Int32Array, symbols: number, maxLength: number): Steps<Level[]> {
  const levels: Level[] = []
  let groups = yield* everywhere(text)
  for (let length = 0; length <= maxLength && groups.count > 0; length++) {
    const sorted = yield* sortBySymbol(text, symbols, length, groups)
    const { level, next } = yield* divide(text, length, sorted)
    if (length >= 2) levels.push(level)
    groups = next
  }
  return levels
}

/** Every place where a substring may begin, all in one group. */
function* everywhere(text: Int32Array): Steps<Groups> {
  const positions = new Int32List(text.length)
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== SEPARATOR) positions.push(i)
    if ((i & STEP) === STEP) yield
  }
  const { length } = positions
  return { positions: positions.data.subarray(0, length), groups: new Int32Array(length), count: 1 }
}

/** Sort each group by the symbol at `offset`: a stable counting sort by symbol, then one by group. */
function* sortBySymbol(
  text: Int32Array,
  symbols: number,
  offset: number,
  { positions, groups, count }: Groups,
): Steps<Groups> {
  const { length } = positions
  const symbolPlaces = new Int32Array(symbols + 1)
  const groupPlaces = new Int32Array(count + 1)
  for (let i = 0; i < length; i++) {
    symbolPlaces[text[positions[i]! + offset]! + 1]!++
    groupPlaces[groups[i]! + 1]!++
    if ((i & STEP) === STEP) yield
  }
  for (let symbol = 1; symbol < symbols; symbol++) symbolPlaces[symbol]! += symbolPlaces[symbol - 1]!
  for (let group = 1; group < count; group++) groupPlaces[group]! += groupPlaces[group - 1]!
  yield
  const bySymbol = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    bySymbol[symbolPlaces[text[positions[i]! + offset]!]!++] = i
    if ((i & STEP) === STEP) yield
  }
  const sorted = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    const index = bySymbol[i]!
    sorted[groupPlaces[groups[index]!]!++] = positions[index]!
    if ((i & STEP) === STEP) yield
  }
  return { positions: sorted, groups, count }
}

/** The groups that more than one symbol follows, and the groups that are one symbol longer. */
function* divide(
  text: Int32Array,
  length: number,
  { positions, groups }: Groups,
): Steps<{ level: Level; next: Groups }> {
  const counts = new Int32List()
  const branching = new Int32List()
  const next = { positions: new Int32List(), groups: new Int32List(), count: 0 }
  const symbolAt = (index: number) => text[positions[index]! + length]!
  let work = 0
  for (let start = 0, end: number; start < positions.length; start = end) {
    end = start + 1
    while (end < positions.length && groups[end] === groups[start]) end++
    if (length > 0 && symbolAt(start) !== symbolAt(end - 1)) {
      counts.push(end - start)
      for (let i = start; i < end; i++) branching.push(positions[i]!)
    }
    for (let from = start, to: number; from < end; from = to) {
      to = from + 1
      while (to < end && symbolAt(to) === symbolAt(from)) to++
      if (to - from < 2 || symbolAt(from) === SEPARATOR) continue
      for (let i = from; i < to; i++) {
        next.positions.push(positions[i]!)
        next.groups.push(next.count)
      }
      next.count++
    }
    work += end - start
    if (work > STEP) {
      work = 0
      yield
    }
  }
  return {
    level: { length, counts: trimmed(counts), positions: trimmed(branching) },
    next: { positions: trimmed(next.positions), groups: trimmed(next.groups), count: next.count },
  }
}

const trimmed = ({ data, length }: Int32List): Int32Array => data.slice(0, length)
