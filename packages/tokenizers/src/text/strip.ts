/** @file White space as Python sees it, and texts without it at their ends. */

/** For an expression; JavaScript's \\s has U+FEFF besides, and lacks U+001C to U+001F and U+0085. */
export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const IS_SPACE = new RegExp(`^[${SPACE}]$`)

export type Side = 'left' | 'right' | 'both'

/** Without the characters of `set`, or whitespace, at its ends. Like `str.strip`, `lstrip` and `rstrip`. */
export function strip(text: string, side: Side = 'both', set?: string): string {
  const characters = Array.from(text)
  const goes = set === undefined ? (c: string) => IS_SPACE.test(c) : (c: string) => set.includes(c)
  let [start, end] = [0, characters.length]
  if (side !== 'right') while (start < end && goes(characters[start]!)) start++
  if (side !== 'left') while (end > start && goes(characters[end - 1]!)) end--
  return characters.slice(start, end).join('')
}
