/** @file Which error the Hub means: its `X-Error-Code` first, as huggingface_hub reads it, then the status. */
import {
  FileNotFoundError,
  GatedRepositoryError,
  PermissionError,
  RepositoryNotFoundError,
  RevisionNotFoundError,
  type WebformersError,
} from './errors'
import { serverError } from './request'

interface Asked {
  name: string
  revision: string
  endpoint: string
  /** Absent when the repository itself was asked for. */
  path?: string
}

export function hubError(response: Response, url: string, asked: Asked): WebformersError {
  const { name, revision, endpoint, path } = asked
  const { status, headers } = response
  const answer = `${url} answered ${status}`
  const code = headers.get('x-error-code') ?? guess(response, path)
  switch (code) {
    case 'RepoNotFound':
      return new RepositoryNotFoundError(
        `No repository "${name}" at ${endpoint} (${answer}). Check the name; a private one needs a token that may read it.`,
      )
    case 'RevisionNotFound':
      return new RevisionNotFoundError(
        `"${name}" has no revision "${revision}" (${answer}). Expected a branch, a tag or a full commit.`,
      )
    case 'EntryNotFound':
      return new FileNotFoundError(`"${name}" has no file "${path}" at revision "${revision}" (${answer}).`)
    case 'GatedRepo':
      return new GatedRepositoryError(
        `"${name}" is gated (${answer}). Accept its terms at ${endpoint}/${name} and pass a token that may read it.`,
      )
    case 'InvalidToken':
      return new PermissionError(
        `${endpoint} does not accept the token (${answer}). Pass a valid one, or none for a public repository.`,
      )
    default:
      return serverError(url, response)
  }
}

/** The Hub answers 401 for what is private or absent, so that nobody can find out which. */
function guess({ status, headers }: Response, path: string | undefined): string | undefined {
  if (status === 401 && headers.get('x-error-message')?.startsWith('Invalid credentials'))
    return 'InvalidToken'
  if (status === 401) return 'RepoNotFound'
  if (status === 403) return 'GatedRepo'
  if (status === 404) return path === undefined ? 'RepoNotFound' : 'EntryNotFound'
  return undefined
}
