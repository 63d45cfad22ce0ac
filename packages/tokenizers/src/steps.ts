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

/** All steps, with the page's other work in between. */
export async function finishCalmly<T>(steps: Steps<T>): Promise<T> {
  let since = performance.now()
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    if (performance.now() - since < BREATH) continue
    await new Promise((resolve) => setTimeout(resolve))
    since = performance.now()
  }
}
