/** @file Words by white space alone, or by white space and by where word characters end. */
import { isWhitespace, isWord } from '../text/characters'
import { Split, splitEach } from '../text/split'
import { cutAtCharacters, type PreTokenizer } from './pre-tokenizer'

export const whitespaceSplit: PreTokenizer = cutAtCharacters(isWhitespace, 'Removed')

/** What `\w+|[^\w\s]+` finds. */
export const whitespace: PreTokenizer = (splits) =>
  splitEach(splits, ({ string, start: from, end }, add) => {
    const { text } = string
    const kindOf = (codePoint: number) => (isWord(codePoint) ? 1 : isWhitespace(codePoint) ? 0 : 2)
    let start = from
    let kind = 0
    for (let i = from; i < end; ) {
      const codePoint = text.codePointAt(i)!
      const next = kindOf(codePoint)
      if (next !== kind) {
        if (kind !== 0) add(new Split(string, start, i))
        start = i
        kind = next
      }
      i += codePoint > 0xffff ? 2 : 1
    }
    if (kind !== 0) add(new Split(string, start, end))
  })
