/** @file Work in steps, so that a page can breathe between them: a large vocabulary is not read in one go. */
import { breather } from './breather'

export type Steps<T> = Generator<undefined, T>

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
    const pause = breathe()
    if (pause) await pause // not where there is none: a large graph has steps by the ten thousand
  }
}
