/** @file How much shorter a text becomes by compression, which tells whether it repeats itself. */

/**
 * The number of bytes of tokens to that of their bytes compressed as zlib does. Like `_retrieve_compression_ratio`.
 * @example await compressionRatio(new Int32Array(200).fill(7), 51865) // 33.33…
 */
export async function compressionRatio(tokens: Int32Array, vocabulary: number): Promise<number> {
  const width = Math.floor(Math.log2(vocabulary) / 8) + 1
  const bytes = new Uint8Array(tokens.length * width)
  for (const [i, token] of tokens.entries())
    for (let byte = 0; byte < width; byte++) bytes[i * width + byte] = (token >> (8 * byte)) & 255
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return bytes.length / (await new Response(compressed).arrayBuffer()).byteLength
}
