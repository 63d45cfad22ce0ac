/** @file Work in steps, so that a page can breathe between them: a large vocabulary is not read in one go. */

export type Steps<T> = Generator<undefined, T>

/** Longer than this in one go, and a page would feel it. In milliseconds. */
const BREATH = 8

/** All steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** All steps, with the page's other work in between. Rejects once `signal` is aborted. */
export async function finishCalmly<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  const breathe = breather(signal)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    await breathe()
  }
}

/** When the page last had its turn, as far as known: a thousand short works in a row are a long one. */
let since = 0

/** Waits for the page's other work, when the last wait is long enough ago. */
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
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
