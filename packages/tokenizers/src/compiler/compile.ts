/** @file A tokenizer's files → its packed blueprint, in a worker where there is much to read. */
import {
  CorruptCheckpointError,
  CorruptFileError,
  finishCalmly,
  UnsupportedCheckpointError,
} from '@webformers/hub'
import { TokenizerError } from '../errors'
import type { Blueprint } from '../pretrained/assemble'
import type { TokenizerConfig, TokenizerFiles } from '../pretrained/files'
import { type Packed, pack } from './pack'
import { readFiles } from './read-files'
import { spawnCompiler } from './spawn-compiler'

/** What the worker says in the end. */
export type Answer = { packed: Packed } | { error: { name: string; message: string } }

/** What it is asked: a repository's files, and what goes before their configuration. */
export interface Question {
  blobs: Readonly<Record<string, Blob>>
  overrides: TokenizerConfig
}

/** What it says before: which lock it holds for as long as it lives. */
export interface Beginning {
  lock: string
}

/** In bytes. Up to this size files are read in a few milliseconds, before a worker has started; a GGUF's merges take longer. */
const SMALL = 800_000

/** The errors that come out of a worker as what they are. */
const known = [CorruptFileError, CorruptCheckpointError, UnsupportedCheckpointError, TokenizerError]

/**
 * @throws {TokenizerError} when the files make no tokenizer.
 * @throws {CorruptFileError} when one of them is broken.
 * @throws {UnsupportedCheckpointError} when a GGUF file is of an architecture that is not read here.
 */
export async function compile(question: Question, signal?: AbortSignal): Promise<Packed> {
  signal?.throwIfAborted()
  const { blobs, overrides } = question
  const size = Object.values(blobs).reduce((sum, blob) => sum + blob.size, 0)
  const isLarge = size > SMALL || Object.keys(blobs).some((path) => path.endsWith('.gguf'))
  const answer = isLarge && typeof Worker === 'function' ? await askWorker(question, signal) : undefined
  if (answer === undefined) return pack(await compileHere(await readFiles(blobs), overrides, signal))
  if ('packed' in answer) return answer.packed
  const { name, message } = answer.error
  const Known = known.find((type) => new type('').name === name)
  throw Known ? new Known(message) : new Error(`${name}: ${message}`)
}

/** The same on this thread, with the page's other work in between. */
export async function compileHere(
  files: TokenizerFiles,
  overrides: TokenizerConfig,
  signal?: AbortSignal,
): Promise<Blueprint> {
  const { blueprintOf } = await import('./blueprint')
  return finishCalmly(blueprintOf(files, overrides), signal)
}

/** What a worker answers; nothing where none could start, as under a policy that forbids it, or it died. */
async function askWorker(question: Question, signal: AbortSignal | undefined): Promise<Answer | undefined> {
  let worker: Worker
  try {
    worker = spawnCompiler()
  } catch {
    return undefined
  }
  const done = new AbortController()
  try {
    return await new Promise<Answer | undefined>((resolve, reject) => {
      const fail = () => resolve(undefined)
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: done.signal })
      worker.onmessage = ({ data }: MessageEvent<Beginning | Answer>) => {
        if (!('lock' in data)) return resolve(data)
        // No event tells that a worker was killed, but the lock it held is free then.
        navigator.locks.request(data.lock, { signal: done.signal }, fail).catch(() => {})
      }
      worker.onmessageerror = fail
      worker.onerror = (event) => {
        event.preventDefault()
        fail()
      }
      worker.postMessage(question)
    })
  } finally {
    done.abort()
    worker.terminate()
  }
}
