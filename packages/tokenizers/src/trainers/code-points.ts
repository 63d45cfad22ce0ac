/** @file Text by code points: the order and the characters that Rust's strings have. */

/** The code points of a text; a lone surrogate is one of them. */
export function codePoints(text: string): number[] {
  const result: number[] = []
  for (let i = 0; i < text.length; i++) {
    const codePoint = text.codePointAt(i)!
    if (codePoint > 0xffff) i++
    result.push(codePoint)
  }
  return result
}

/** The order of UTF-8, which differs from JavaScript's beyond the basic plane. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left === right) continue
    const astral = isSurrogate(left) !== isSurrogate(right)
    if (astral) return isSurrogate(left) ? 1 : -1
    return left - right
  }
  return a.length - b.length
}

const isSurrogate = (unit: number): boolean => (unit & 0xf800) === 0xd800

/** The first code point of each text that has one, as a set. */
export function firstCodePoints(texts: Iterable<string>): Set<number> {
  const result = new Set<number>()
  for (const text of texts) if (text !== '') result.add(text.codePointAt(0)!)
  return result
}
