/** @file A configuration once something of it was changed. */
import type { Json } from '@webformers/models'
import type { Configured } from '../configured'

/** @throws {ConfigurationError} when the architecture computes nothing of the kind */
export function reconfigured({ architecture, config, json }: Configured, changes: Json): Configured {
  const all = { ...config, ...changes }
  return { architecture, config: { ...all, ...architecture.config(all) }, json }
}
