/** @file Whether an output can be kept to a form, as far as it can be told before a worker reads the form; and whether it is whole. */
import type { GenerationSettings, ResponseFormat } from '@webformers/runtime'
import { OptionError } from '../errors'
import type { GenerationValues } from './values'

/** Each type, and what it is given. */
const FIELDS: Readonly<Record<ResponseFormat['type'], string | undefined>> = {
  json_object: undefined,
  json_schema: 'schema',
  regex: 'pattern',
  grammar: 'grammar',
}

/**
 * The settings of a generation whose output has a form.
 * @param values what the call itself sets
 * @throws {OptionError} when it is none, or does not go with the rest of the call
 */
export function checkResponseFormat(
  format: ResponseFormat | undefined,
  settings: GenerationSettings,
  values: Partial<GenerationValues>,
  hasTokenizer: boolean,
): GenerationSettings {
  if (format === undefined) return settings
  const given: Readonly<Record<string, unknown>> = Object(format)
  const type = String(given.type)
  if (!Object.hasOwn(FIELDS, type))
    throw new OptionError(
      `responseFormat is ${JSON.stringify(format)}, expected a type: one of ${Object.keys(FIELDS).join(', ')}.`,
    )
  const field = FIELDS[type as ResponseFormat['type']]
  const unknown = Object.keys(given).filter((name) => name !== 'type' && name !== field)
  const value = field === undefined ? '' : given[field]
  const fits = field === 'schema' ? isSchema(value) : typeof value === 'string'
  if (!fits || unknown.length > 0)
    throw new OptionError(
      `responseFormat of type "${type}" takes ${field ? `${field}, ${field === 'schema' ? 'a JSON Schema' : 'a text'}` : 'nothing else'}; got ${JSON.stringify(format)}.`,
    )
  if (!hasTokenizer)
    throw new OptionError(
      "responseFormat needs the texts of tokens: give the model's tokenizer as the option tokenizer.",
    )
  if (settings.eos_token_id.length === 0)
    throw new OptionError(
      'responseFormat needs an eosTokenId, with which an output ends when it is whole; there is none.',
    )
  if (settings.mode === 'contrastive_search')
    throw new OptionError(
      'responseFormat does not go with contrastive search, which may choose a token that scores forbid. Set penaltyAlpha to null.',
    )
  if (values.forced_eos_token_id !== undefined && values.forced_eos_token_id !== null)
    throw new OptionError(
      'forcedEosTokenId does not go with responseFormat: it would end an output that is not whole.',
    )
  // A model's own setting gives way: it only cuts what is too long.
  return { ...settings, forced_eos_token_id: [] }
}

const isSchema = (value: unknown) =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value))

/** Why each sequence ended: it came to its end, or there was no more room for it. */
export function finishReasons(
  sequences: readonly Int32Array[],
  { eos_token_id: ends, max_length }: GenerationSettings,
  promptLength: number,
): ('stop' | 'length')[] {
  return sequences.map((sequence) => {
    const ended = sequence.subarray(promptLength).some((token) => ends.includes(token))
    return !ended && sequence.length >= max_length ? 'length' : 'stop'
  })
}
