/** @file Inflates a deflated part of a file, up to what it is said to give and no byte further. */

/**
 * The inflated bytes, exactly `size` of them; `undefined` when there are others, or the part is no deflated one.
 */
export async function inflate(part: Blob, size: number): Promise<Blob | undefined> {
  const reader = part.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      length += value.byteLength
      if (length > size) break
      chunks.push(value)
    }
  } catch {
    return undefined // a TypeError that says no more than that
  } finally {
    await reader.cancel().catch(() => {})
  }
  return length === size ? new Blob(chunks) : undefined
}
