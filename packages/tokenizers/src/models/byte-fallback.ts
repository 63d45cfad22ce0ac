/** @file Characters outside a vocabulary, spelled in its `<0xE2>` tokens. */

const encoder = new TextEncoder()

/** The ids of a text's UTF-8 bytes, or undefined where the vocabulary lacks one of them. */
export function byteTokens(
  text: string,
  vocabulary: { idOf(token: string): number | undefined },
): number[] | undefined {
  const ids: number[] = []
  for (const byte of encoder.encode(text)) {
    const id = vocabulary.idOf(byteToken(byte))
    if (id === undefined) return undefined
    ids.push(id)
  }
  return ids
}

/** The token that stands for a byte, like `<0xE2>`. */
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`

/** The byte that a token like `<0xE2>` stands for. */
export function byteOf(token: string): number | undefined {
  const digits = /^<0x([0-9a-fA-F]{2})>$/.exec(token)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 16)
}
