/** @file Expressions that nearly every byte-level tokenizer cuts words with, read by hand: several times faster. */
import { isLetter, isNumber, isWhitespace, remembered, unitsAt } from '../text/characters'
import type { Cutter } from '../text/cutter'

const SPACE = 0
const LETTER = 1
const NUMBER = 2
const OTHER = 3

const classOf = remembered((codePoint) => {
  if (isLetter(codePoint)) return LETTER
  if (isWhitespace(codePoint)) return SPACE
  return isNumber(codePoint) ? NUMBER : OTHER
})

const kindAt = (text: string, index: number): number => classOf(text.codePointAt(index)!)

/** Where the run of characters of `kind` that includes `start` ends. */
function run(text: string, start: number, kind: number): number {
  let i = start
  while (i < text.length && kindAt(text, i) === kind) i += unitsAt(text, i)
  return i
}

const CONTRACTION = /'(?:[stmd]|re|ve|ll)/y

/** What `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` finds. */
export const gpt2: Cutter = (piece, from, pause, offset, out) => {
  const end = piece.length
  for (let i = from, next: number; i < end; i = next) {
    next = contraction(piece, i)
    if (next === i) {
      const first = piece[i] === ' ' && i + 1 < end ? i + 1 : i
      const kind = kindAt(piece, first)
      if (kind === SPACE) {
        next = run(piece, i, SPACE)
        // The last space belongs to the word that follows; alone, it has no one to leave it to.
        if (next < end && next - i > 1) next--
      } else {
        next = run(piece, first, kind)
      }
    }
    out.push(offset + i, offset + next)
    if (next > pause) return next
  }
  return end
}

function contraction(text: string, start: number): number {
  if (text[start] !== "'") return start
  CONTRACTION.lastIndex = start
  return CONTRACTION.test(text) ? CONTRACTION.lastIndex : start
}

/** What `(?i:'s|'t|'re|'ve|'m|'ll|'d)` finds: a long s is an s, too. */
const ANY_CONTRACTION = /'(?:[stmd\u017f]|re|ve|ll)/iy

const isNewline = (unit: number): boolean => unit === 0x0a || unit === 0x0d

/**
 * What the expression of cl100k and its heirs finds:
 * `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
 * where some take one digit and others up to three.
 */
const cl100k =
  (mostDigits: number): Cutter =>
  (piece, from, pause, offset, out) => {
    const end = piece.length
    for (let i = from, next: number; i < end; i = next) {
      next = nextWord(piece, i, mostDigits)
      out.push(offset + i, offset + next)
      if (next > pause) return next
    }
    return end
  }

function nextWord(text: string, start: number, mostDigits: number): number {
  const unit = text.charCodeAt(start)
  if (unit === APOSTROPHE) {
    ANY_CONTRACTION.lastIndex = start
    if (ANY_CONTRACTION.test(text)) return ANY_CONTRACTION.lastIndex
  }
  const kind = kindAt(text, start)
  if (kind === LETTER) return run(text, start, LETTER)
  if (kind === NUMBER) {
    let next = start
    for (let count = 0; count < mostDigits && next < text.length && kindAt(text, next) === NUMBER; count++)
      next += unitsAt(text, next)
    return next
  }
  const second = start + unitsAt(text, start)
  const secondKind = second < text.length ? kindAt(text, second) : SPACE
  if (secondKind === LETTER && !isNewline(unit)) return run(text, second, LETTER)
  if (kind === OTHER || (unit === BLANK && secondKind === OTHER)) {
    let next = run(text, second, OTHER)
    while (next < text.length && isNewline(text.charCodeAt(next))) next++
    return next
  }
  const spaces = run(text, start, SPACE)
  for (let last = spaces; last > start; last--) if (isNewline(text.charCodeAt(last - 1))) return last
  // The last space belongs to the word that follows; alone, it has no one to leave it to.
  return spaces < text.length && spaces - start > 1 ? spaces - 1 : spaces
}

const APOSTROPHE = 0x27
const BLANK = 0x20

const WORDS = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`

/** By the expression, spelled as tokenizers spell it. */
export const scanners: ReadonlyMap<string, Cutter> = new Map([
  [WORDS('\\p{N}{1,3}'), cl100k(3)],
  [WORDS('\\p{N}'), cl100k(1)],
])
