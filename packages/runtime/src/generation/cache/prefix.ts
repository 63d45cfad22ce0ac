/** @file What texts that were read have in common with those that are to be read. */

/** A row of tokens, and which of them count: 0 stands for padding. */
export interface Text {
  readonly tokens: ArrayLike<number>
  readonly keep: ArrayLike<number>
}

/** Which rows of a cache serve texts. */
export interface Reuse {
  /** For each text, the row that it goes on from. */
  readonly rows: readonly number[]
  /** So many of each row's tokens are also the text's first. */
  readonly length: number
}

/** How many tokens two texts begin with alike. What is padding in both may be any token. */
export function commonPrefix(a: Text, b: Text): number {
  const most = Math.min(a.tokens.length, b.tokens.length)
  let length = 0
  while (
    length < most &&
    a.keep[length] === b.keep[length] &&
    (a.keep[length] === 0 || a.tokens[length] === b.tokens[length])
  )
    length++
  return length
}

/** What of a cache that has read some texts serves others, of one length. Of each at least one token is left to be read, as there is
 * something to be said after it. */
export function reusable(read: readonly Text[], coming: readonly Text[]): Reuse {
  const best = coming.map((text) => {
    const lengths = read.map((each) => commonPrefix(each, text))
    const length = Math.max(0, ...lengths)
    return { row: Math.max(0, lengths.indexOf(length)), length }
  })
  const shared = Math.min(...best.map(({ length }) => length), (coming[0]?.tokens.length ?? 1) - 1)
  return { rows: best.map(({ row }) => row), length: shared }
}
