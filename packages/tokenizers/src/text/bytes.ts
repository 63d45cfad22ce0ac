/** @file The byte-level alphabet of GPT-2: each byte has a visible character, so that any text is made of 256 of them. */

const VISIBLE = /^[!-~\u00a1-\u00ac\u00ae-\u00ff]$/
const encoder = new TextEncoder()
// An incomplete sequence becomes U+FFFD and a byte order mark stays: both as in Rust.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The character of each byte. */
export const alphabet: string[] = []
const bytes = new Map<string, number>()
for (let byte = 0, invisible = 0; byte < 256; byte++) {
  const own = String.fromCharCode(byte)
  const character = VISIBLE.test(own) ? own : String.fromCharCode(256 + invisible++)
  alphabet.push(character)
  bytes.set(character, byte)
}

/** The character of the alphabet that stands for `byte`. */
export const byteLetter = (byte: number): string => alphabet[byte]!

/** Writes the UTF-8 bytes of a character and gives their number; a lone surrogate is written as U+FFFD. */
export function utf8Bytes(codePoint: number, bytes: Uint8Array): number {
  if (codePoint < 0x80) {
    bytes[0] = codePoint
    return 1
  }
  if (codePoint < 0x800) {
    bytes[0] = 0xc0 | (codePoint >> 6)
    bytes[1] = 0x80 | (codePoint & 63)
    return 2
  }
  if (codePoint < 0x10000) {
    const scalar = codePoint >= 0xd800 && codePoint < 0xe000 ? 0xfffd : codePoint
    bytes[0] = 0xe0 | (scalar >> 12)
    bytes[1] = 0x80 | ((scalar >> 6) & 63)
    bytes[2] = 0x80 | (scalar & 63)
    return 3
  }
  bytes[0] = 0xf0 | (codePoint >> 18)
  bytes[1] = 0x80 | ((codePoint >> 12) & 63)
  bytes[2] = 0x80 | ((codePoint >> 6) & 63)
  bytes[3] = 0x80 | (codePoint & 63)
  return 4
}

/** How many bytes a text has in UTF-8; of its UTF-16 units, those of a pair count two each. */
export function utf8Length(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3
  }
  return length
}

/** A text's bytes, written in the alphabet. */
export function encodeBytes(text: string): string {
  const bytes = new Uint8Array(4)
  let result = ''
  for (let i = 0; i < text.length; ) {
    const codePoint = text.codePointAt(i)!
    const count = utf8Bytes(codePoint, bytes)
    for (let byte = 0; byte < count; byte++) result += alphabet[bytes[byte]!]!
    i += codePoint > 0xffff ? 2 : 1
  }
  return result
}

/** The text that byte-level `tokens` spell together; a token with other characters stands for itself. */
export function decodeBytes(tokens: readonly string[]): string {
  const result: number[] = []
  for (const token of tokens) {
    const own = Array.from(token, (character) => bytes.get(character))
    if (own.includes(undefined)) for (const byte of encoder.encode(token)) result.push(byte)
    else for (const byte of own) result.push(byte!)
  }
  return decodeUtf8(result)
}

/** The text of UTF-8 bytes, U+FFFD in place of what is none. */
export const decodeUtf8 = (utf8: readonly number[]): string => decoder.decode(Uint8Array.from(utf8))
