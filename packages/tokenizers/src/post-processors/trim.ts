/** @file Offsets without the white space that a byte-level token carries. */
import type { Encoding, TokenOf } from '../encoding'
import { encodeBytes } from '../text/bytes'
import { isWhitespace, previous, unitsAt } from '../text/characters'

const SPACE = encodeBytes(' ')
const isSpace = (character: string) => character === SPACE || isWhitespace(character.charCodeAt(0))

/** How many characters of white space a token begins and ends with. */
interface Edges {
  leading: number
  trailing: number
}

function edgesOf(token: string): Edges {
  let leading = 0
  while (leading < token.length && isSpace(token[leading]!)) leading++
  let trailing = 0
  while (trailing < token.length && isSpace(token[token.length - 1 - trailing]!)) trailing++
  return { leading, trailing }
}

/** So many characters on, which need not be the white space that was counted, but not beyond `limit`. */
function forward(text: string, index: number, count: number, limit: number): number {
  let at = index
  for (let i = 0; i < count && at < limit; i++) at += unitsAt(text, at)
  return at
}

/** The same backwards; where so many characters there aren't, it stays. */
function back(text: string, index: number, count: number, limit: number): number {
  let at = index
  for (let i = 0; i < count; i++) {
    if (at === 0) return index
    at = previous(text, at)
  }
  return Math.max(at, limit)
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
      const { leading, trailing } = named === undefined ? edgesOfId(ids[i]!, tokenOf) : edgesOf(named)
      // One space before the first word is the one we put there ourselves: it has no place in the text.
      const ours = (i === 0 || starts[i] === 0) && addPrefixSpace && leading === 1
      if (leading > 0 && !ours) starts[i] = forward(encoding.textAt(i), starts[i]!, leading, ends[i]!)
      if (trailing > 0) ends[i] = back(encoding.textAt(i), ends[i]!, trailing, starts[i]!)
    }
  }
  return (encodings) => {
    for (const encoding of encodings) for (const one of [encoding, ...encoding.overflowing]) trim(one)
  }
}
