/** @file One of the workers that read memory, all at the same time: told how much, it says when it is ready; told for how long, how fast it was. */
import { sumOver } from './sum'

/** What the page says: first `bytes`, then for how many milliseconds to read them over and over. */
export type Order = { readonly bytes: number } | { readonly milliseconds: number }
/** Bytes a second, the sum beside them so that nothing may leave it out. */
export type Reading = 'ready' | { readonly bandwidth: number; readonly sum: bigint }

const PAGE = 65536

/** As much of a worker's globals as is used here; TypeScript's own types of them exclude those of a page. */
declare const self: {
  onmessage: ((event: MessageEvent<Order>) => void) | null
  postMessage(message: Reading): void
}

let read: ((milliseconds: number) => Reading) | undefined

self.onmessage = ({ data }) => {
  if ('bytes' in data) {
    read = readerOf(data.bytes)
    self.postMessage('ready')
  } else if (read) self.postMessage(read(data.milliseconds))
}

function readerOf(bytes: number): (milliseconds: number) => Reading {
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) })
  const { byteLength } = memory.buffer
  new Uint32Array(memory.buffer).fill(0x9e3779b9) // pages that nobody has written are one and the same
  const sum = sumOver(memory)
  return (milliseconds) => {
    const start = performance.now()
    let [passes, total, time] = [0, 0n, 0]
    do {
      total += sum(0, byteLength)
      passes++
      time = performance.now() - start
    } while (time < milliseconds)
    return { bandwidth: (1000 * passes * byteLength) / time, sum: total }
  }
}
