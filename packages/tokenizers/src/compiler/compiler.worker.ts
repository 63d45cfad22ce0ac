/** @file Compiles one tokenizer off the main thread: its files come in, its blueprint goes out. */

import { finish } from '../steps'
import { blueprintOf } from './blueprint'
import type { Answer } from './compile'
import { readFiles } from './read-files'

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Record<string, Blob>>) => void
  postMessage(answer: Answer, transfer?: ArrayBuffer[]): void
}

scope.onmessage = async ({ data: blobs }) => {
  try {
    const blueprint = finish(blueprintOf(await readFiles(blobs)))
    scope.postMessage({ blueprint }, buffersOf(blueprint.compiled.model))
  } catch (error) {
    const { name, message } = error as Error
    scope.postMessage({ error: { name, message } })
  }
}

/** The buffers of all typed arrays in a value; each has one of its own. */
function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(buffersOf)
}
