/** @file From a component of a tokenizer.json to what it does: one table a kind, complete by its type. */
import { TokenizerError } from './errors'
import type { Check, Checks } from './fields'

/** A builder for every `type` of a union of configurations; a component without one does not compile. */
export type Builders<Config extends { type: string }, Component> = {
  readonly [Type in Config['type']]: (config: Extract<Config, { type: Type }>) => Component
}

/** Sequences in sequences: no tokenizer needs a third, and thousands would overflow the stack. */
const DEEPEST = 60
let depth = 0

/** @throws {TokenizerError} when there is no such component, it lacks what it needs, or is nested too deeply. */
export function build<Config extends { type: string }, Component>(
  kind: string,
  config: Config,
  builders: Builders<Config, Component>,
): Component {
  const type: unknown = config?.type
  if (typeof type !== 'string' || !Object.hasOwn(builders, type)) {
    throw new TokenizerError(
      `Unknown ${kind} ${describe(type ?? config)} in tokenizer.json. Known: ${Object.keys(builders).join(', ')}.`,
    )
  }
  if (depth === DEEPEST) {
    throw new TokenizerError(`The ${kind} of tokenizer.json nests components more than ${DEEPEST} deep.`)
  }
  depth++
  try {
    return (builders[type as Config['type']] as (config: Config) => Component)(config)
  } catch (cause) {
    if (cause instanceof TokenizerError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TokenizerError(`The ${kind} ${type} of tokenizer.json is malformed: ${reason}`, { cause })
  } finally {
    depth--
  }
}

/** `create`, for a configuration whose fields are what they should be. */
export const checked =
  <Config extends { type: string }, Component>(
    checks: Checks<Config>,
    create: (config: Config) => Component,
  ) =>
  (config: Config): Component => {
    for (const [field, { expected, accepts }] of Object.entries<Check>(
      checks as Readonly<Record<string, Check>>,
    )) {
      const value: unknown = (config as Readonly<Record<string, unknown>>)[field]
      if (accepts(value)) continue
      throw new Error(
        value === undefined
          ? `"${field}" is missing; it must be ${expected}.`
          : `"${field}" must be ${expected}; it is ${describe(value)}.`,
      )
    }
    return create(config)
  }

/** A value for a message: of lists and objects only what they are. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value !== 'object' || value === null) return String(JSON.stringify(value))
  return `{${Object.keys(value).slice(0, 5).join(', ')}}`
}
