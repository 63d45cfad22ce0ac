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

/** Whether a character is ASCII and stands for its own byte. */
export const isVisible = (character: string): boolean => character > ' ' && character < '\x7f'

const encoded = new Map<string, string>()

/** The bytes of one character, written in the alphabet. */
export function encodeBytes(character: string): string {
  let result = encoded.get(character)
  if (result === undefined) {
    result = Array.from(encoder.encode(character), (byte) => alphabet[byte]!).join('')
    encoded.set(character, result)
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
