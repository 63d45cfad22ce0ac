/** @file BERT's words: white space is dropped, each punctuation mark stands alone. */
import { isPunctuation, isWhitespace, remembered } from '../text/characters'
import type { Cutter } from '../text/cutter'

const WORD = 0
const SPACE = 1
const PUNCTUATION = 2

const kindOf = remembered((codePoint) =>
  isWhitespace(codePoint) ? SPACE : isPunctuation(codePoint) ? PUNCTUATION : WORD,
)

export const bert: Cutter = (piece, from, pause, offset, out) => {
  let start = from
  for (let i = from, next: number; i < piece.length; i = next) {
    const codePoint = piece.codePointAt(i)!
    next = i + (codePoint > 0xffff ? 2 : 1)
    const kind = kindOf(codePoint)
    if (kind === WORD) continue
    if (i > start) out.push(offset + start, offset + i)
    if (kind === PUNCTUATION) out.push(offset + i, offset + next)
    if (next > pause) return next
    start = next
  }
  if (piece.length > start) out.push(offset + start, offset + piece.length)
  return piece.length
}
