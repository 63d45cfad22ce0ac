/** @file Offsets without the white space that a byte-level token carries. */
import type { Encoding, TokenOf } from '../encoding'
import { encodeBytes } from '../text/bytes'
import { isWhitespace, previous, unitsAt } from '../text/characters'

const SPACE = encodeBytes(' ')
const isSpace = (character: string) => character === SPACE || isWhitespace(character.charCodeAt(0))

/** How many characters of white space a token of `length` begins and ends with. */
interface Edges {
  leading: number
  trailing: number
  length: number
  /** The units of the text that it stands for; nothing unless its first character after white space has two. */
  units: number | undefined
}

/** The first byte of a character beyond U+FFFF, and any byte but a first one, as byte-level tokens spell them. */
const WIDE = /[\u00f0-\u00f4]/
const CONTINUATION = /[\u0122-\u0143\u00a1-\u00bf]/

function edgesOf(token: string): Edges {
  let leading = 0
  while (leading < token.length && isSpace(token[leading]!)) leading++
  let trailing = 0
  while (trailing < token.length && isSpace(token[token.length - 1 - trailing]!)) trailing++
  return { leading, trailing, length: token.length, units: unitsOf(token, leading) }
}

function unitsOf(token: string, leading: number): number | undefined {
  if (!WIDE.test(token[leading] ?? '')) return undefined
  let units = 0
  for (const byte of token) if (!CONTINUATION.test(byte)) units += WIDE.test(byte) ? 2 : 1
  return units
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
      const edges = named === undefined ? edgesOfId(ids[i]!, tokenOf) : edgesOf(named)
      const { leading, trailing, length, units } = edges
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
