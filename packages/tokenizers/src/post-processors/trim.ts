/** @file Offsets without the white space that a byte-level token carries. */
import type { Encoding } from '../encoding'
import { encodeBytes } from '../text/bytes'
import { isWhitespace } from '../text/characters'

const SPACE = encodeBytes(' ')
const isSpace = (character: string) => character === SPACE || isWhitespace(character.charCodeAt(0))

/** Trim the encodings and their windows. */
export function trimOffsets(encodings: readonly Encoding[], addPrefixSpace: boolean): void {
  for (const encoding of encodings) {
    for (const { tokens, starts, ends } of [encoding, ...encoding.overflowing]) {
      for (let i = 0; i < tokens.length; i++) {
        const token = tokens[i]!
        let leading = 0
        while (leading < token.length && isSpace(token[leading]!)) leading++
        let trailing = 0
        while (trailing < token.length && isSpace(token[token.length - 1 - trailing]!)) trailing++
        // One space before the first word is the one we put there ourselves: it has no place in the text.
        const ours = (i === 0 || starts[i] === 0) && addPrefixSpace && leading === 1
        if (leading > 0 && !ours) starts[i] = Math.min(starts[i]! + leading, ends[i]!)
        // Alone it lies where the first character does, which may have two units.
        if (ours && trailing === token.length) ends[i] = starts[i]!
        else if (trailing > 0 && ends[i]! >= trailing) ends[i] = Math.max(ends[i]! - trailing, starts[i]!)
      }
    }
  }
}
