/** @file The sentences and what PyTorch says of each. */
import { readFile } from 'node:fs/promises'

const read = (name) => readFile(new URL(name, import.meta.url))

/** @returns {Promise<{ language: string, text: string, embedding: Float32Array }[]>} embeddings of 384 numbers, of length 1 */
export async function readTruth() {
  const { sentences } = JSON.parse(await read('sentences.json'))
  const file = await read('embeddings.safetensors')
  const begin = 8 + Number(file.readBigUInt64LE(0))
  const { shape } = JSON.parse(file.subarray(8, begin)).embeddings
  const values = new Float32Array(new Uint8Array(file.subarray(begin)).buffer)
  return sentences.map((sentence, i) => ({
    ...sentence,
    embedding: values.subarray(i * shape[1], (i + 1) * shape[1]),
  }))
}
