/** @file Parts of a model that are models by themselves: the towers of CLIP. */
import { type Head, type Json, resolveHead } from '@webformers/models'
import type { Configured } from './configured'
import { architectureOf } from './registry'
import { forHead } from './surgery/reconfigured'

/** What a class asks for, of a model or of that part of it which it names. */
export interface Asked {
  readonly configured: Configured
  readonly head: Head
}

/** The head that is meant, and the configuration that it has.
 * @throws {UnknownArchitectureError} when nobody has written the part */
export async function askedOf(whole: Configured, head: Head): Promise<Asked> {
  const part = whole.architecture.parts?.[head]
  if (!part) {
    const meant = resolveHead(whole.architecture, head)
    return { configured: forHead(whole, meant), head: meant }
  }
  const architecture = await architectureOf(part.model_type)
  const json: Json = { ...(whole.config[part.key] as Json), model_type: part.model_type }
  return {
    configured: { architecture, config: { ...json, ...architecture.config(json) }, json },
    head: part.head,
  }
}
