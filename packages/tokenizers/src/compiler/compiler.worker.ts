/** @file Compiles one tokenizer off the main thread: its files come in, its blueprint goes out. */
import { finish } from '@webformers/hub'
import { blueprintOf } from './blueprint'
import type { Answer, Beginning, Question } from './compile'
import { pack } from './pack'
import { readFiles } from './read-files'

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Question>) => void
  onmessageerror: () => void
  postMessage(message: Beginning | Answer): void
}

scope.onmessage = async ({ data: { blobs, overrides } }) => {
  try {
    const lock = await hold()
    if (lock !== undefined) scope.postMessage({ lock })
    scope.postMessage({ packed: pack(finish(blueprintOf(await readFiles(blobs), overrides))) })
  } catch (error) {
    const { name, message } = error as Error
    scope.postMessage({ error: { name, message } })
  }
}

scope.onmessageerror = () => {
  throw new Error('The files could not be handed over.') // which the page hears as this worker's error
}

/** Keep a lock for as long as this worker lives; its name, where there are locks. */
function hold(): Promise<string | undefined> {
  const lock = `webformers compiler ${Math.random()}`
  return new Promise((held) => {
    const forEver = () => {
      held(lock)
      return new Promise(() => {})
    }
    if (navigator.locks) navigator.locks.request(lock, forEver).catch(() => held(undefined))
    else held(undefined)
  })
}
