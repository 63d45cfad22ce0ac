/** @file Types of hub-push-server.mjs. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export function pushMiddleware(options?: {
  base?: string
}): (request: IncomingMessage, response: ServerResponse, next: () => void) => void
