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
  const wrapOne = (text: Encoding): Encoding => {
    text.ranges = new Map()
    text.setSequence(sequence)
    // What an earlier post-processor added is text to this one.
    text.become({ specialToken: 0 })
    text.prepend(special(before))
    text.append(special(after))
    return text
  }
  const windows = encoding.overflowing
  encoding.overflowing = []
  wrapOne(encoding).overflowing = windows.map(wrapOne)
  return encoding
}
