/** @file A tokenizer.json → its compiled form: the model in typed arrays, the patterns in JavaScript. */

import type { Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { compileModel } from '../models'
import { translate } from '../text/oniguruma/translate'
import type { Translation } from '../text/pattern'
import type { CompiledTokenizer, TokenizerJson } from '../tokenizer'

/**
 * @param exact whether it is made of a bare vocabulary, not read from a file.
 * @throws {TokenizerError} when the model is missing, unknown or malformed, or JavaScript has no equal for a pattern.
 */
export function* compileTokenizer(json: TokenizerJson, exact = false): Steps<CompiledTokenizer> {
  if (json?.model === undefined || json.model === null)
    throw new TokenizerError('The tokenizer.json has no "model".')
  const { normalizer, pre_tokenizer, decoder } = json
  const patterns = patternsIn([normalizer, pre_tokenizer, decoder])
  const bytes = objectsIn(pre_tokenizer).some(({ type }) => type === 'ByteLevel')
  return { ...json, patterns, model: yield* compileModel(json.model, { bytes, exact }) }
}

/** The patterns in components, translated. @throws {TokenizerError} when JavaScript has no equal for one. */
export function patternsIn(components: unknown): Record<string, Translation> {
  const patterns: Record<string, Translation> = {}
  for (const { Regex: regex } of objectsIn(components))
    if (typeof regex === 'string') patterns[regex] = translate(regex)
  return patterns
}

/** Sequences in sequences; what nests deeper is refused when the components are built. */
const DEEPEST = 200

/** The objects in a value, itself included. */
function objectsIn(value: unknown, depth = 0): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return []
  const parts = Object.values(value).flatMap((part) => objectsIn(part, depth + 1))
  return [value as Record<string, unknown>, ...parts]
}
