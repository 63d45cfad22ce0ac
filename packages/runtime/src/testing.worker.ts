/** @file An engine that forwards what onnxruntime logs of placements, for tests. */
import { expose } from 'comlink'
import { Engine } from './engine'
import { registerErrors } from './wire'

for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  const print = console[level]
  console[level] = (...words: unknown[]) => {
    const line = words.join(' ')
    if (/\[[VIWEF]:onnxruntime/.test(line)) self.postMessage({ log: line })
    else print(...words)
  }
}

registerErrors()
expose(new Engine())
