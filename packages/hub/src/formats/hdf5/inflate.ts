/** @file Bytes that zlib deflated, back to a length that is known: whatever would give more is given up at once. */

/** The inflated bytes, at most `most`; `undefined` when there are more of them, or when they were not deflated. */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate')).getReader()
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      length += value!.length
      if (length > most) {
        await reader.cancel()
        return undefined
      }
      parts.push(value!)
    }
  } catch {
    return undefined
  }
  const whole = new Uint8Array(length)
  let next = 0
  for (const part of parts) {
    whole.set(part, next)
    next += part.length
  }
  return whole
}
