/** @file Cutting a piece of text into smaller ones, from left to right, with a rest whenever one is asked for. */
import type { Finder } from './pattern'

/**
 * Pushes the bounds of the parts of `piece` that begin at `from` or later, each moved by `offset`, onto `out`. Beyond
 * `pause` it may stop, at a place from which it can go on; gives that place, the piece's length when it is done.
 */
export type Cutter = (piece: string, from: number, pause: number, offset: number, out: number[]) => number

/** Cuts each part once more. */
export function chain(first: Cutter, second: Cutter): Cutter {
  const parts: number[] = []
  return (piece, from, pause, offset, out) => {
    parts.length = 0
    const stop = first(piece, from, pause, 0, parts)
    for (let i = 0; i < parts.length; i += 2) {
      const start = parts[i]!
      const part = piece.slice(start, parts[i + 1]!)
      second(part, 0, part.length, offset + start, out)
    }
    return stop
  }
}

/** What happens to a delimiter: the five behaviours of the Rust library. */
export type Behavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous'

/** Whether a stretch joins the one before it; each is a delimiter or the text between two. */
const JOINS: Record<Behavior, (delimiter: boolean, before: boolean) => boolean> = {
  Removed: () => false,
  Isolated: () => false,
  MergedWithPrevious: (delimiter, before) => delimiter && !before,
  MergedWithNext: (delimiter, before) => !delimiter && before,
  Contiguous: (delimiter, before) => delimiter === before,
}

/** Cuts at delimiters; inverted, what is found is the text, and the delimiters are what lies between. */
export function delimit(find: Finder, behavior: Behavior, invert = false): Cutter {
  const joins = JOINS[behavior]
  return (piece, from, pause, offset, out) => {
    let start = from
    let end = from
    let before: boolean | undefined
    const flush = () => {
      if (end > start && !(before && behavior === 'Removed')) out.push(offset + start, offset + end)
    }
    const stretch = (to: number, delimiter: boolean) => {
      if (before === undefined || !joins(delimiter, before)) {
        flush()
        start = end
      }
      end = to
      before = delimiter
    }
    let last = -1
    while (end < piece.length) {
      const found = find(piece, end, last)
      const gap = found?.start ?? piece.length
      if (gap > end) {
        stretch(gap, invert)
        // After a gap comes what is found: where that can't join, a rest does no harm.
        if (gap > pause && !joins(!invert, invert)) break
      }
      if (found === undefined) break
      stretch(found.end, !invert)
      last = found.end
      // The same after what is found, whatever comes next.
      if (last > pause && !joins(invert, !invert) && !joins(!invert, !invert)) break
    }
    flush()
    return end
  }
}

/** Finds characters that a predicate holds for, one by one. */
export const characterFinder =
  (matches: (codePoint: number) => boolean): Finder =>
  (piece, from) => {
    for (let start = from; start < piece.length; ) {
      const codePoint = piece.codePointAt(start)!
      const end = start + (codePoint > 0xffff ? 2 : 1)
      if (matches(codePoint)) return { start, end }
      start = end
    }
    return undefined
  }

/** Cuts wherever characters of another kind begin; those of kind 0 are left out. */
export const cutByKind =
  (kindOf: (codePoint: number) => number): Cutter =>
  (piece, from, pause, offset, out) => {
    let start = from
    let kind = 0
    for (let i = from; i < piece.length; ) {
      const codePoint = piece.codePointAt(i)!
      const next = kindOf(codePoint)
      if (next !== kind) {
        if (kind !== 0) out.push(offset + start, offset + i)
        if (i > pause) return i
        start = i
        kind = next
      }
      i += codePoint > 0xffff ? 2 : 1
    }
    if (kind !== 0) out.push(offset + start, offset + piece.length)
    return piece.length
  }
