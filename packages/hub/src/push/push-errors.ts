/** @file What stands in the way of a push, said so that the reader can go on. The token is in none of it. */
import { PushToHubError } from '../errors'

interface Asked {
  name: string
  branch: string
  endpoint: string
  token: string
}

/** The network is away: nothing has answered. */
export class Unreachable extends Error {}

/** The status that an error of @huggingface/hub carries; undefined for any other error. */
export const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : undefined

export function pushError(error: unknown, { name, branch, endpoint, token }: Asked): PushToHubError {
  if (error instanceof PushToHubError) return error
  const said = (error instanceof Error ? error.message : String(error)).replaceAll(token, '…')
  const cause = withoutToken(error, token)
  const status = statusOf(error)
  const answer = `The Hub answered ${status}: ${said}`
  if (error instanceof Unreachable)
    return new PushToHubError(
      `"${name}" was not pushed, because ${endpoint} could not be reached (${said}). Check the connection and push again.`,
      'network',
      { cause },
    )
  if (status === 401)
    return new PushToHubError(
      `"${name}" was not pushed, because ${endpoint} does not know the token; it may have expired. ` +
        `Make another at ${endpoint}/settings/tokens. ${answer}`,
      'token',
      { cause },
    )
  if (status === 403)
    return new PushToHubError(
      `"${name}" was not pushed, because the token may not write there. ` +
        `It needs the role "write", and its owner a part in "${name.split('/')[0]}". ${answer}`,
      'permission',
      { cause },
    )
  if (status === 404)
    return new PushToHubError(
      `"${name}" was not pushed, because it, its branch "${branch}" or what that should begin at is not there. ${answer}`,
      'repository',
      { cause },
    )
  if (status !== undefined && (status >= 500 || status === 429 || status === 408))
    return new PushToHubError(
      `"${name}" was not pushed, because ${endpoint} is in trouble; push again later. ${answer}`,
      'network',
      { cause },
    )
  const why = status === undefined ? said : answer
  return new PushToHubError(`"${name}" was not pushed. ${why}`, 'refused', { cause })
}

/** An error that others made may quote what was sent. */
function withoutToken(error: unknown, token: string): unknown {
  if (!(error instanceof Error)) return undefined
  const told = `${error.message}${error.stack}${JSON.stringify(error)}${String(error.cause)}`
  return told.includes(token) ? undefined : error
}
