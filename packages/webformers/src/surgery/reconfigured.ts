/** @file A configuration once something of it was changed. */
import type { Head, Json } from '@webformers/models'
import type { Configured } from '../configured'

/** @throws {ConfigurationError} when the architecture computes nothing of the kind */
export function reconfigured({ architecture, config, json }: Configured, changes: Json): Configured {
  const all = { ...config, ...changes }
  return { architecture, config: { ...all, ...architecture.config(all) }, json }
}

/** What a head says of itself, as a decoder that it stands alone. */
export function forHead(configured: Configured, head: Head): Configured {
  const { architecture, config } = configured
  const changes = architecture.headConfig?.(head, config) ?? {}
  return Object.keys(changes).length === 0 ? configured : reconfigured(configured, changes)
}
