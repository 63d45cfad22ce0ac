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
