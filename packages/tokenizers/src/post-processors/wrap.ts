/** @file A text between special tokens, its windows too. */
import { Encoding } from '../encoding'

/** A special token as a tokenizer.json writes it. */
export type SpecialToken = readonly [token: string, id: number]

/** `before`, the text, `after`; the text stays sequence `sequence`. */
export function wrap(
  encoding: Encoding,
  sequence: number,
  before: readonly SpecialToken[],
  after: readonly SpecialToken[],
  typeId: number,
): Encoding {
  const special = (tokens: readonly SpecialToken[]) =>
    Encoding.special(
      tokens.map(([token]) => token),
      tokens.map(([, id]) => id),
      typeId,
      encoding.tokenOf,
    )
  const wrapOne = (inner: Encoding): Encoding => {
    const text = inner.slice(0, inner.length)
    text.setSequence(sequence)
    // What an earlier post-processor added is text to this one.
    text.specialTokensMask.fill(0)
    const result = special(before)
    result.append(text)
    result.append(special(after))
    return result
  }
  const result = wrapOne(encoding)
  result.overflowing = encoding.overflowing.map(wrapOne)
  return result
}
