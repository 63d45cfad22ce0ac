/** @file How fast the CPU reads memory, with as many threads as the model has. */
import type { Order, Reading } from './reader.worker'

/** More than caches hold. */
const BYTES = 256 * 2 ** 20
/** Of one round. */
const DURATION = 250

/**
 * Bytes a second, round by round.
 * @throws {Error} when there is no room for what is to be read @throws {DOMException} when `signal` is aborted
 */
export async function cpuBandwidth(threads: number, rounds: number, signal: AbortSignal): Promise<number[]> {
  const readers = Array.from({ length: threads }, () => new Reader())
  try {
    await together(readers, { bytes: BYTES / threads }, signal)
    const found: number[] = []
    for (let round = 0; round < rounds; round++) {
      const readings = await together(readers, { milliseconds: DURATION }, signal)
      const each = readings.map((reading) => (reading === 'ready' ? 0 : reading.bandwidth))
      found.push(each.reduce((sum, bandwidth) => sum + bandwidth, 0))
    }
    return found
  } finally {
    for (const reader of readers) reader.end()
  }
}

const together = (readers: readonly Reader[], order: Order, signal: AbortSignal): Promise<Reading[]> =>
  Promise.all(readers.map((reader) => reader.ask(order, signal)))

class Reader {
  readonly #worker = new Worker(new URL('./reader.worker.ts', import.meta.url), { type: 'module' })

  ask(order: Order, signal: AbortSignal): Promise<Reading> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.#worker.onmessage = ({ data }: MessageEvent<Reading>) => resolve(data)
      this.#worker.onerror = ({ message }) =>
        reject(
          new Error(`The speed of memory could not be measured: ${message || 'its worker did not start.'}`),
        )
      this.#worker.postMessage(order)
    })
  }

  end() {
    this.#worker.terminate()
  }
}
