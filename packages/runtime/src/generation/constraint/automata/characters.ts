/** @file Sets of characters: ranges of code points, in order, none of them touching the next. */

export type Ranges = readonly (readonly [first: number, last: number])[]

export const LAST = 0x10ffff
/** No text in UTF-8 has them. */
const SURROGATES: Ranges = [[0xd800, 0xdfff]]

export function union(...sets: readonly Ranges[]): Ranges {
  const sorted = sets.flat().sort(([a], [b]) => a - b)
  const merged: [number, number][] = []
  for (const [first, last] of sorted) {
    const previous = merged.at(-1)
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last)
    else merged.push([first, last])
  }
  return merged
}

/** All other code points, surrogates included. */
function inverse(set: Ranges): Ranges {
  const rest: [number, number][] = []
  let next = 0
  for (const [first, last] of set) {
    if (first > next) rest.push([next, first - 1])
    next = last + 1
  }
  if (next <= LAST) rest.push([next, LAST])
  return rest
}

/** All characters that are not in a set. */
export const complement = (set: Ranges): Ranges => inverse(union(set, SURROGATES))

export const ALL = complement([])

export const character = (code: number): Ranges => [[code, code]]
export const range = (first: string, last: string): Ranges => [[first.codePointAt(0)!, last.codePointAt(0)!]]

export const DIGITS = range('0', '9')
export const WORD = union(range('a', 'z'), range('A', 'Z'), DIGITS, character(0x5f))
export const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]
export const SPACES = union(
  [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
  ],
  [
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ],
)

const properties = new Map<string, Ranges>()

/** The characters that have a property of Unicode, such as `\p{L}`.
 * @throws {SyntaxError} when there is no such property */
export function withProperty(name: string): Ranges {
  const known = properties.get(name)
  if (known) return known
  const matches = new RegExp(`^\\p{${name}}$`, 'u')
  const found: [number, number][] = []
  for (let code = 0; code <= LAST; code++) {
    if (code === 0xd800) code = 0xe000
    if (!matches.test(String.fromCodePoint(code))) continue
    const previous = found.at(-1)
    if (previous && previous[1] === code - 1) previous[1] = code
    else found.push([code, code])
  }
  properties.set(name, found)
  return found
}
