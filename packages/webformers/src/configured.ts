/** @file A configuration as it was read. */
import type { Architecture, Json, PretrainedConfig } from '@webformers/models'

/** A configuration and the architecture that it configures. */
export interface Configured {
  readonly architecture: Architecture
  readonly config: PretrainedConfig & Json
  /** What was read, nothing filled in. */
  readonly json: Json
}
