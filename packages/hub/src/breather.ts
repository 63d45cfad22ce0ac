/** @file Long work on the page's thread gives way to the page's other work. */

/** Longer than this in one go, and a page would feel it. In milliseconds. */
const BREATH = 8

/** When the page last had its turn, as far as known: a thousand short works in a row are a long one. */
let since = 0

/**
 * Waits for the page's other work, when the last wait is long enough ago. The wait rejects once `signal` is aborted.
 * @example
 * const breathe = breather(signal)
 * for (const row of rows) {
 *   work(row)
 *   await breathe()
 * }
 */
export function breather(signal?: AbortSignal): () => Promise<void> | undefined {
  signal?.throwIfAborted()
  const pause = async () => {
    await nextTask()
    since = performance.now()
    signal?.throwIfAborted()
  }
  return () => (performance.now() - since < BREATH ? undefined : pause())
}

/** Until the page has done what waited. A nested timer would wait four milliseconds; a message does not. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
