/** @file What can be wrong with a configuration before any weight is read. */
import { GraphError } from '@webformers/graph'

/** A `config.json` whose value no architecture here computes. */
export class ConfigurationError extends GraphError {
  override name = 'ConfigurationError'
}

/** A `model_type`, or a head of one, that nobody has written or registered. */
export class UnknownArchitectureError extends GraphError {
  override name = 'UnknownArchitectureError'
}

/** A path at which no module of the model stands, or a name that no parameter has. */
export class UnknownPathError extends GraphError {
  override name = 'UnknownPathError'
}
