/** @file BERT's words: white space is dropped, each punctuation mark stands alone. */
import { isPunctuation, isWhitespace, remembered } from '../text/characters'
import { Split, splitEach } from '../text/split'
import type { PreTokenizer } from './pre-tokenizer'

const WORD = 0
const SPACE = 1
const PUNCTUATION = 2

const kindOf = remembered((codePoint) =>
  isWhitespace(codePoint) ? SPACE : isPunctuation(codePoint) ? PUNCTUATION : WORD,
)

export const bert: PreTokenizer = (splits) =>
  splitEach(splits, ({ string, start: from, end }, add) => {
    const { text } = string
    let start = from
    for (let i = from, next: number; i < end; i = next) {
      const codePoint = text.codePointAt(i)!
      next = i + (codePoint > 0xffff ? 2 : 1)
      const kind = kindOf(codePoint)
      if (kind === WORD) continue
      if (i > start) add(new Split(string, start, i))
      if (kind === PUNCTUATION) add(new Split(string, i, next))
      start = next
    }
    add(new Split(string, start, end))
  })
