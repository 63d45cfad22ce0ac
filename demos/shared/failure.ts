/** @file What went wrong, in words. */
import { NetworkError, WebformersError } from 'webformers'

/** What to show somebody; the library's own errors say what to do. */
export function inWords(error: unknown): string {
  if (error instanceof NetworkError) return `${error.message} Check the connection and try again.`
  return error instanceof WebformersError || error instanceof Error ? error.message : String(error)
}
