/** @file From a component of a tokenizer.json to what it does: one table a kind, complete by its type. */
import { TokenizerError } from './errors'

/** A builder for every `type` of a union of configurations; a component without one does not compile. */
export type Builders<Config extends { type: string }, Component> = {
  readonly [Type in Config['type']]: (config: Extract<Config, { type: Type }>) => Component
}

/** @throws {TokenizerError} when there is no such component, or it lacks what it needs. */
export function build<Config extends { type: string }, Component>(
  kind: string,
  config: Config,
  builders: Builders<Config, Component>,
): Component {
  const type: unknown = config?.type
  if (typeof type !== 'string' || !Object.hasOwn(builders, type)) {
    throw new TokenizerError(
      `Unknown ${kind} ${JSON.stringify(type ?? config)} in tokenizer.json. Known: ${Object.keys(builders).join(', ')}.`,
    )
  }
  try {
    return (builders[type as Config['type']] as (config: Config) => Component)(config)
  } catch (cause) {
    if (cause instanceof TokenizerError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TokenizerError(`The ${kind} ${type} of tokenizer.json is malformed: ${reason}`, { cause })
  }
}
