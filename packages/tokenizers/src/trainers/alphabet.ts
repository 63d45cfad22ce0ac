/** @file A corpus's characters: which of them become tokens, and its words as sequences of those. */
import type { Steps } from '@webformers/hub'
import { firstCodePoints } from './code-points'
import type { TrainerOptions, WordCounts } from './options'

const STEP = 4096

/** The characters to keep, by code point. */
export function* alphabetOf(
  counts: WordCounts,
  { initialAlphabet = [], limitAlphabet }: TrainerOptions,
): Steps<number[]> {
  const found = new Map<number, number>()
  let work = 0
  for (const [word, count] of counts) {
    for (let i = 0; i < word.length; i++) {
      const codePoint = word.codePointAt(i)!
      if (codePoint > 0xffff) i++
      found.set(codePoint, (found.get(codePoint) ?? 0) + count)
    }
    work += word.length
    if (work > STEP) {
      work = 0
      yield
    }
  }
  for (const codePoint of firstCodePoints(initialAlphabet)) found.set(codePoint, Number.POSITIVE_INFINITY)
  // Of equally frequent characters the library keeps any; here it is the lower code points.
  const kept = [...found].sort(([a, first], [b, second]) =>
    first === second ? a - b : second > first ? 1 : -1,
  )
  return kept
    .slice(0, limitAlphabet)
    .map(([codePoint]) => codePoint)
    .sort((a, b) => a - b)
}

/** Tokens by id, ids by token. */
export class TokenTable {
  readonly tokens: string[] = []
  readonly ids = new Map<string, number>()

  /** The token's id; a new token gets the next. */
  add(token: string): number {
    const known = this.ids.get(token)
    if (known !== undefined) return known
    const id = this.tokens.length
    this.tokens.push(token)
    this.ids.set(token, id)
    return id
  }
}

/** All words' symbols one after the other; merging shortens a word where it lies. */
export interface SymbolWords {
  symbols: Int32Array
  /** How many characters each symbol stands for. */
  sizes: Int32Array
  starts: Int32Array
  lengths: Int32Array
  counts: Float64Array
}

/** Write words in symbols; characters that are no tokens are left out. */
export function* symbolWords(
  counts: WordCounts,
  table: TokenTable,
  { continuingSubwordPrefix = '', endOfWordSuffix = '' }: TrainerOptions,
  report: (done: number) => void,
): Steps<SymbolWords> {
  let total = 0
  for (const word of counts.keys()) total += word.length
  const words: SymbolWords = {
    symbols: new Int32Array(total),
    sizes: new Int32Array(total).fill(1),
    starts: new Int32Array(counts.size),
    lengths: new Int32Array(counts.size),
    counts: new Float64Array(counts.size),
  }
  /** Ids by code point and place in the word. */
  const known = new Map<number, number>()
  const idOf = (codePoint: number, isFirst: boolean, isLast: boolean): number => {
    const key = codePoint * 4 + (isFirst ? 1 : 0) + (isLast ? 2 : 0)
    let id = known.get(key)
    if (id === undefined) {
      const character = String.fromCodePoint(codePoint)
      const isToken = table.ids.has(character)
      const symbol = (isFirst ? '' : continuingSubwordPrefix) + character + (isLast ? endOfWordSuffix : '')
      id = isToken ? table.add(symbol) : -1
      known.set(key, id)
    }
    return id
  }
  let at = 0
  let index = 0
  let work = 0
  for (const [word, count] of counts) {
    words.starts[index] = at
    words.counts[index] = count
    for (let i = 0, next: number; i < word.length; i = next) {
      const codePoint = word.codePointAt(i)!
      next = i + (codePoint > 0xffff ? 2 : 1)
      const id = idOf(codePoint, i === 0, next === word.length)
      if (id !== -1) words.symbols[at++] = id
    }
    words.lengths[index] = at - words.starts[index]!
    index++
    work += word.length
    if (work > STEP) {
      work = 0
      report(index)
      yield
    }
  }
  return words
}
