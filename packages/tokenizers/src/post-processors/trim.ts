/** @file Offsets without the white space that a byte-level token carries. */
import type { Encoding, TokenOf } from '../encoding'
import { encodeBytes } from '../text/bytes'
import { isWhitespace } from '../text/characters'

const SPACE = encodeBytes(' ')
const isSpace = (character: string) => character === SPACE || isWhitespace(character.charCodeAt(0))

/** How many characters of white space a token of `length` begins and ends with. */
interface Edges {
  leading: number
  trailing: number
  length: number
}

function edgesOf(token: string): Edges {
  let leading = 0
  while (leading < token.length && isSpace(token[leading]!)) leading++
  let trailing = 0
  while (trailing < token.length && isSpace(token[token.length - 1 - trailing]!)) trailing++
  return { leading, trailing, length: token.length }
}

/** Trims encodings and their windows; each id's token is looked at once. */
export function offsetTrimmer(addPrefixSpace: boolean): (encodings: readonly Encoding[]) => void {
  const known = new Map<number, Edges>()
  const edgesOfId = (id: number, tokenOf: TokenOf): Edges => {
    const edges = known.get(id) ?? edgesOf(tokenOf(id) ?? '')
    known.set(id, edges)
    return edges
  }
  const trim = (encoding: Encoding) => {
    const { ids, starts, ends, names, tokenOf } = encoding
    for (let i = 0; i < encoding.length; i++) {
      const named = names.get(i)
      const { leading, trailing, length } = named === undefined ? edgesOfId(ids[i]!, tokenOf) : edgesOf(named)
      // One space before the first word is the one we put there ourselves: it has no place in the text.
      const ours = (i === 0 || starts[i] === 0) && addPrefixSpace && leading === 1
      if (leading > 0 && !ours) starts[i] = Math.min(starts[i]! + leading, ends[i]!)
      // Alone it lies where the first character does, which may have two units.
      if (ours && trailing === length) ends[i] = starts[i]!
      else if (trailing > 0 && ends[i]! >= trailing) ends[i] = Math.max(ends[i]! - trailing, starts[i]!)
    }
  }
  return (encodings) => {
    for (const encoding of encodings) for (const one of [encoding, ...encoding.overflowing]) trim(one)
  }
}
