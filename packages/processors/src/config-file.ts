/** @file preprocessor_config.json: read where Python looks for it, and written as Python writes it. */

import type { Repository } from '@webformers/hub'
import {
  CorruptFileError,
  FileNotFoundError,
  PythonFloat,
  parsePythonJson,
  pythonJson,
} from '@webformers/hub'

/** The keys of a configuration. */
export type Json = Readonly<Record<string, unknown>>

export const CONFIG_FILE = 'preprocessor_config.json'
/** Where newer versions keep what all parts of a processor say. */
const PROCESSOR_FILE = 'processor_config.json'

/**
 * What a repository's preprocessor_config.json says, or the part of processor_config.json that stands for it; whole numbers that Python
 * holds as floats are PythonFloats.
 * @throws {FileNotFoundError} when there is neither
 * @throws {CorruptFileError} when it is no JSON object
 */
export async function readConfigFile(
  repository: Repository,
  part: 'feature_extractor' | 'image_processor',
): Promise<Json> {
  for (const path of [CONFIG_FILE, PROCESSOR_FILE]) {
    if (!(await repository.has(path))) continue
    const json = objectIn(await repository.text(path), `"${path}" of ${repository.name}`)
    const own = json[part]
    if (typeof own === 'object' && own !== null) return own as Json
    if (path === CONFIG_FILE) return json
  }
  throw new FileNotFoundError(
    `${repository.name} has no ${CONFIG_FILE}, nor a ${PROCESSOR_FILE} that says how its ${part.replace('_', ' ')} works.`,
  )
}

function objectIn(text: string, name: string): Json {
  let json: unknown
  try {
    json = parsePythonJson(text)
  } catch (cause) {
    throw new CorruptFileError(`${name} is no JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json
  throw new CorruptFileError(`${name} is no JSON object. It begins with: ${text.slice(0, 60)}`)
}

/** The same with every number as a number. */
export function plain(value: unknown): unknown {
  if (value instanceof PythonFloat) return value.value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}

/** The opposite: floats are where `before` has them. */
function pythonic(value: unknown, before: unknown): unknown {
  if (typeof value === 'number')
    return before instanceof PythonFloat && Number.isInteger(value) ? new PythonFloat(value) : value
  if (Array.isArray(value))
    return value.map((item, i) => pythonic(item, Array.isArray(before) ? before[i] : undefined))
  if (typeof value !== 'object' || value === null) return value
  const known = (typeof before === 'object' && before !== null ? before : {}) as Json
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pythonic(item, known[key])]))
}

/** preprocessor_config.json of keys as they are now.
 * @param before the same as they were read */
export function configFile(now: Json, before: Json): Blob {
  return new Blob([...pythonJson(pythonic(now, before), { ascii: true })], { type: 'application/json' })
}
