/** @file Runs of `<0xE2>` tokens back to the characters they spell. */
import { decodeUtf8 } from '../text/bytes'

/** Two digits; or, as Rust reads numbers, a plus sign and one. */
const BYTE = /^<0x([0-9a-f]{2}|\+[0-9a-f])>$/i

/** The byte that a token like `<0xE2>` stands for. */
export function byteOf(token: string): number | undefined {
  const digits = BYTE.exec(token)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 16)
}

/** Bytes that are no UTF-8 become one U+FFFD each. */
export function byteFallback(tokens: readonly string[]): string[] {
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
