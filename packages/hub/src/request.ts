/** @file One request: the token kept to its origin, an abort obeyed at once, an unreachable server named. */
import { NetworkError, OfflineError } from './errors'
import type { Settings } from './options'

/** Bytes of a file: the first one, and the one after the last. */
export interface Range {
  begin: number
  end: number
}

interface Request {
  method?: 'GET' | 'HEAD'
  /** Asks for these bytes. A server may answer 200 and send all of them. */
  range?: Range
  /** The strong ETag of what is here already: of other content, the server shall send the whole. */
  ifRange?: string
  signal?: AbortSignal
}

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
  settings: Settings,
  { method = 'GET', range, ifRange, signal }: Request = {},
): Promise<Response> {
  const { fetch, endpoint, token, cache } = settings
  const headers: Record<string, string> = {}
  if (token !== undefined && new URL(url).origin === new URL(endpoint).origin)
    headers.authorization = `Bearer ${token}`
  if (range) headers.range = `bytes=${range.begin}-${range.end - 1}`
  if (range && ifRange) headers['if-range'] = ifRange
  // Storing a file once is enough: the browser's own cache need not keep what IndexedDB keeps.
  const init: RequestInit = { method, headers, signal, cache: cache ? 'no-store' : 'no-cache' }
  const response = await abortable(fetch(url, init), signal).catch((cause) => {
    signal?.throwIfAborted()
    throw new OfflineError(
      `Could not reach ${url} (${cause instanceof Error ? cause.message : cause}). ` +
        'Check the connection, the address, and that the server allows requests from this page (CORS).',
      { cause, retryAfter: 0 },
    )
  })
  // The file has no such bytes, being empty or another than it was: its whole tells.
  return response.status === 416 && range ? request(url, settings, { method, signal }) : response
}

/** The error for a status that says nothing about the repository. */
export function serverError(url: string, { status, statusText, headers }: Response): NetworkError {
  const message = `${url} answered ${status}${statusText && ` (${statusText})`}.`
  if (status < 500 && status !== 429 && status !== 408)
    return new NetworkError(`${message} Check the address and the token.`)
  return new NetworkError(`${message} The server is in trouble; try again later.`, {
    retryAfter: milliseconds(headers.get('retry-after')),
  })
}

/** `Retry-After` counts seconds or names a date. */
function milliseconds(header: string | null): number {
  const time = Number(header ?? 0) * 1000
  return Number.isNaN(time) ? Math.max(0, Date.parse(header!) - Date.now()) || 0 : time
}
