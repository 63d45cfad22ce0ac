/** @file FixedLength: words of so many characters; the last has what is left. */
import { TokenizerError } from '../errors'
import { unitsAt } from '../text/characters'
import type { Cutter } from '../text/cutter'

export interface FixedLengthConfig {
  type: 'FixedLength'
  /** In characters, which may be two UTF-16 units each; left out: 5. */
  length?: number
}

/** @throws {TokenizerError} when the length is 0. */
export function fixedLength({ length = 5 }: FixedLengthConfig): Cutter {
  if (length === 0)
    throw new TokenizerError('FixedLength: "length" is 0, but words have a character or more.')
  return (piece, from, pause, offset, out) => {
    let start = from
    let count = 0
    for (let i = from; i < piece.length; ) {
      i += unitsAt(piece, i)
      if (++count < length && i < piece.length) continue
      out.push(offset + start, offset + i)
      if (i > pause) return i
      start = i
      count = 0
    }
    return piece.length
  }
}
