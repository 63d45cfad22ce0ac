/** @file Types of hub-server.mjs. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

/** What goes wrong with one request. */
export interface Fault {
  /** Answer this status and nothing else, with this `X-Error-Code`. */
  status?: number
  errorCode?: string
  /** The seconds in which the client shall come again. */
  retryAfter?: number
  /** Break the connection after so many bytes of the body. */
  cutAfter?: number
  /** Announce another length than is sent. */
  contentLength?: number
  bytesPerSecond?: number
  /** Answer 200 and the whole file, whatever range is asked for. */
  ignoreRange?: boolean
}

export interface HubOptions {
  /** The folder that holds `<org>/<name>/<files>`. */
  root: string
  /** The path prefix below which the Hub's URLs begin, e.g. `'/hub'`. Default: `''`. */
  base?: string
  /** Asked at each request. */
  faults?: (request: { method: string; path: string }) => Fault | undefined
}

export interface Hub {
  url: string
  /** Every request so far, oldest first. */
  requests: { method: string; path: string; headers: IncomingHttpHeaders }[]
  close(): Promise<void>
}

export function startHub(options: HubOptions & { port?: number }): Promise<Hub>

export function hubMiddleware(
  options: HubOptions,
): (request: IncomingMessage, response: ServerResponse, next: () => void) => Promise<void>
