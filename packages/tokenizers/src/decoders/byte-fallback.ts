/** @file Runs of `<0xE2>` tokens back to the characters they spell. */
import { decodeUtf8 } from '../text/bytes'

/** Bytes that are no UTF-8 become one U+FFFD each. */
export function byteFallback(
  tokens: readonly string[],
  byteOf: (token: string) => number | undefined,
): string[] {
  const result: string[] = []
  let bytes: number[] = []
  const flush = () => {
    if (bytes.length === 0) return
    const text = decodeUtf8(bytes)
    // U+FFFD itself may be what three of the bytes spell.
    if (new TextEncoder().encode(text).every((byte, i) => byte === bytes[i])) result.push(text)
    else for (const _ of bytes) result.push('\ufffd')
    bytes = []
  }
  for (const token of tokens) {
    const byte = byteOf(token)
    if (byte !== undefined) {
      bytes.push(byte)
      continue
    }
    flush()
    result.push(token)
  }
  flush()
  return result
}
