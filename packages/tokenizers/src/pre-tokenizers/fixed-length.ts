/** @file FixedLength: words of so many characters; the last has what is left. */
import { TokenizerError } from '../errors'
import { unitsAt } from '../text/characters'
import { Split, splitEach } from '../text/split'
import type { PreTokenizer } from './pre-tokenizer'

export interface FixedLengthConfig {
  type: 'FixedLength'
  /** In characters, which may be two UTF-16 units each; left out: 5. */
  length?: number
}

/** @throws {TokenizerError} when the length is 0. */
export function fixedLength({ length = 5 }: FixedLengthConfig): PreTokenizer {
  if (length === 0)
    throw new TokenizerError('FixedLength: "length" is 0, but words have a character or more.')
  return (splits) =>
    splitEach(splits, ({ string, start: from, end }, add) => {
      let start = from
      let count = 0
      for (let i = from; i < end; ) {
        i += unitsAt(string.text, i)
        if (++count < length) continue
        add(new Split(string, start, i))
        start = i
        count = 0
      }
      add(new Split(string, start, end))
    })
}
