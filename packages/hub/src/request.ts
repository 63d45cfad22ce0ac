/** @file One request: the token kept to its origin, an abort obeyed at once, an unreachable server named. */
import { NetworkError, OfflineError } from './errors'
import type { Settings } from './options'

/** The promise, given up as soon as the signal aborts, whether or not what it waits for listens to the signal. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Fetch a URL, whatever status it answers. @throws {OfflineError} when no answer comes. */
export async function request(
  url: string,
  { fetch, endpoint, token, cache }: Settings,
  { method = 'GET', signal }: { method?: 'GET' | 'HEAD'; signal?: AbortSignal | undefined },
): Promise<Response> {
  const trusted = token !== undefined && new URL(url).origin === new URL(endpoint).origin
  const headers: HeadersInit = trusted ? { authorization: `Bearer ${token}` } : {}
  // Storing a file once is enough: the browser's own cache need not keep what IndexedDB keeps.
  const init: RequestInit = { method, headers, signal, cache: cache ? 'no-store' : 'no-cache' }
  try {
    return await abortable(fetch(url, init), signal)
  } catch (cause) {
    signal?.throwIfAborted()
    throw new OfflineError(
      `Could not reach ${url} (${cause instanceof Error ? cause.message : cause}). ` +
        'Check the connection, the address, and that the server allows requests from this page (CORS).',
      { cause },
    )
  }
}

/** The error for a status that says nothing about the repository. */
export function serverError(url: string, { status, statusText }: Response): NetworkError {
  const busy = status >= 500 || status === 429
  const advice = busy ? 'The server is in trouble; try again later.' : 'Check the address and the token.'
  return new NetworkError(`${url} answered ${status}${statusText && ` (${statusText})`}. ${advice}`)
}
