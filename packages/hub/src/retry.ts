/** @file Patience with the network: what failed is tried again, each time after a longer pause. */
import { NetworkError } from './errors'
import { pause } from './pause'

const RETRIES = 3
const FIRST_PAUSE = 500 // ms
/** A server that asks for more is not waited for. */
const LONGEST_PAUSE = 60_000 // ms

/** @throws the last attempt's error, or the first one that no further attempt can mend. */
export async function retry<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      const wait = error instanceof NetworkError ? error.retryAfter : undefined
      const offline = globalThis.navigator?.onLine === false
      if (wait === undefined || wait > LONGEST_PAUSE || offline || failures === RETRIES) throw error
      // Many tabs that failed at once should not come back at once.
      const jitter = 1 + Math.random() / 4
      await pause(Math.max(wait, FIRST_PAUSE * 2 ** failures * jitter), signal)
    }
  }
}
