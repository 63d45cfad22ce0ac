/** @file Words by white space alone, or by white space and by where word characters end. */
import { isWhitespace, isWord, remembered } from '../text/characters'
import { cutByKind } from '../text/cutter'

export const whitespaceSplit = cutByKind((codePoint) => (isWhitespace(codePoint) ? 0 : 1))

/** What `\w+|[^\w\s]+` finds. */
export const whitespace = cutByKind(
  remembered((codePoint) => (isWord(codePoint) ? 1 : isWhitespace(codePoint) ? 0 : 2)),
)
