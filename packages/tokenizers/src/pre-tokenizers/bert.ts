/** @file BERT's words: white space is dropped, each punctuation mark stands alone. */
import { isPunctuation, isWhitespace } from '../text/characters'
import { Split, splitEach } from '../text/split'
import type { PreTokenizer } from './pre-tokenizer'

export const bert: PreTokenizer = (splits) =>
  splitEach(splits, ({ string, start: from, end }, add) => {
    const { text } = string
    let start = from
    for (let i = from, next: number; i < end; i = next) {
      const codePoint = text.codePointAt(i)!
      next = i + (codePoint > 0xffff ? 2 : 1)
      const space = isWhitespace(codePoint)
      if (!space && !isPunctuation(codePoint)) continue
      add(new Split(string, start, i))
      if (!space) add(new Split(string, i, next))
      start = next
    }
    add(new Split(string, start, end))
  })
