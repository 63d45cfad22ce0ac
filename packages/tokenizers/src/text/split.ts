/** @file A text in pieces: what pre-tokenizers pass on, each piece a view of an aligned string. */
import type { AlignedString } from './aligned-string'
import { unitsAt } from './characters'
import { eachMatch } from './pattern'

/** `string.text.slice(start, end)`; with an `id`, it is an added token and nothing splits it any more. */
export class Split {
  constructor(
    readonly string: AlignedString,
    readonly start: number,
    readonly end: number,
    readonly id?: number,
  ) {}

  get text(): string {
    return this.string.text.slice(this.start, this.end)
  }

  /** The piece as a string of its own. */
  get aligned(): AlignedString {
    return this.string.slice(this.start, this.end)
  }
}

/** The whole of `string` as one piece. */
export const whole = (string: AlignedString): Split => new Split(string, 0, string.text.length)

/** What happens to a delimiter: the five behaviours of the Rust library. */
export type Behavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous'

/** A stretch of a text that is a delimiter, or what lies between two. */
export interface Stretch {
  start: number
  end: number
  matched: boolean
}

/** Every piece that is no added token becomes what `divide` makes of it; nothing empty is kept. */
export function splitEach(
  splits: readonly Split[],
  divide: (split: Split, add: (split: Split) => void) => void,
): Split[] {
  const result: Split[] = []
  const add = (split: Split) => {
    if (split.end > split.start) result.push(split)
  }
  for (const split of splits) {
    if (split.id === undefined) divide(split, add)
    else result.push(split)
  }
  return result
}

/** The matches of a global expression, and the stretches between them. */
export function stretches(text: string, expression: RegExp): Stretch[] {
  const result: Stretch[] = []
  let start = 0
  eachMatch(text, expression, (first, end) => {
    if (first > start) result.push({ start, end: first, matched: false })
    start = end
    result.push({ start: first, end, matched: true })
  })
  if (start < text.length) result.push({ start, end: text.length, matched: false })
  return result
}

/** As {@link stretches}, for a predicate: each character is a match by itself. */
export function characterStretches(text: string, matches: (codePoint: number) => boolean): Stretch[] {
  const result: Stretch[] = []
  let start = 0
  for (let i = 0, next: number; i < text.length; i = next) {
    next = i + unitsAt(text, i)
    if (!matches(text.codePointAt(i)!)) continue
    if (i > start) result.push({ start, end: i, matched: false })
    result.push({ start: i, end: next, matched: true })
    start = next
  }
  if (start < text.length) result.push({ start, end: text.length, matched: false })
  return result
}

/** Join or drop the delimiters as `behavior` says. */
export function applyBehavior(found: readonly Stretch[], behavior: Behavior): Stretch[] {
  switch (behavior) {
    case 'Removed':
      return found.filter(({ matched }) => !matched)
    case 'Isolated':
      return [...found]
    case 'Contiguous':
      return merge(found, (matched, previous) => matched === previous)
    case 'MergedWithPrevious':
      return merge(found, (matched, previous) => matched && !previous)
    case 'MergedWithNext': {
      const mirrored = found
        .map(({ start, end, matched }) => ({ start: -end, end: -start, matched }))
        .reverse()
      const merged = merge(mirrored, (matched, previous) => matched && !previous)
      return merged.map(({ start, end, matched }) => ({ start: -end, end: -start, matched })).reverse()
    }
  }
}

function merge(
  found: readonly Stretch[],
  joins: (matched: boolean, previous: boolean) => boolean,
): Stretch[] {
  const result: Stretch[] = []
  let previous = false
  for (const stretch of found) {
    const last = result.at(-1)
    if (last !== undefined && joins(stretch.matched, previous)) last.end = stretch.end
    else result.push({ ...stretch })
    previous = stretch.matched
  }
  return result
}
