/** @file Long work in steps, so that whoever asks for it may do something else between them: tracing a large model all at once
 * would keep a page from answering. */

/** Work that goes on as long as it is asked to; its result comes with the last step. */
export type Steps<T> = Generator<undefined, T>

/** All steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
