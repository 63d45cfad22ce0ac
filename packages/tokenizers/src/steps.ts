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

/** All steps, with the page's other work in between. @throws the signal's reason when it aborts. */
export async function finishCalmly<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted()
  let since = performance.now()
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    if (performance.now() - since < BREATH) continue
    await pause()
    signal?.throwIfAborted()
    since = performance.now()
  }
}

/** Until the page has done what waited. A timer waits four milliseconds once it is nested, a message none. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
