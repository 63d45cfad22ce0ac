/** @file tokenizer_config.json and the small files beside it: what a tokenizer is besides its tokenizer.json. */
import type { AddedToken } from '../added-vocabulary'
import { classOf, savedNameOf } from '../compiler/tokenizer-classes'
import type { Parts } from '../pretrained/assemble'
import type { TokenizerConfig } from '../pretrained/files'
import {
  addedToken,
  contentOf,
  ROLES,
  type SpecialTokenFields,
  type SpecialTokens,
  type TokenLike,
} from '../pretrained/special-tokens'
import type { Tokenizer } from '../tokenizer'
import { hasTokenizerJson } from './model-json'
import type { WholeTokenizer } from './tokenizer-json'

/** A configuration with whatever else it says. */
type WholeConfig = TokenizerConfig & Record<string, unknown>

type SavedConfig = Record<string, unknown> & { tokenizer_class: string }

/** Where the files lay, and how they were opened. */
const LOCAL = [
  'name_or_path',
  'tokenizer_file',
  'special_tokens_map_file',
  'vocab_file',
  'merges_file',
  'device_map',
  'from_slow',
]

/**
 * What the configuration said, and what has changed since. Python writes the defaults of its class too; here they are
 * left to the class.
 */
export function tokenizerConfig({ tokenizer, special, settings, config }: Parts): SavedConfig {
  const { truncation, padding }: WholeTokenizer = tokenizer.compiled
  const result: WholeConfig = { extra_special_tokens: {}, ...config }
  for (const key of LOCAL) delete result[key]
  for (const [role, token] of special.roles) result[role] = contentOf(token)
  const tokenizer_class = savedNameOf(result, hasTokenizerJson(tokenizer.compiled.model))
  const kind = classOf({ tokenizer_class }, {})

  for (const role of ROLES) {
    // What the class or another file would name must be said to be nothing.
    const isNamed = role in result || kind.tokens[role] !== undefined || (role === 'pad_token' && padding)
    if (isNamed && !special.roles.has(role)) result[role] = null
  }
  const set = (key: string, value: unknown, usual: unknown) => {
    if (key in config || JSON.stringify(value) !== JSON.stringify(usual)) result[key] = value
  }
  const additional = kind.additional?.(undefined, result, false) ?? []
  set('additional_special_tokens', special.additional.map(contentOf), additional.length > 0 ? undefined : [])
  set('model_input_names', settings.modelInputNames, kind.inputs)
  set('padding_side', settings.paddingSide, padding ? undefined : (kind.paddingSide ?? 'right'))
  set('truncation_side', settings.truncationSide, truncation ? undefined : 'right')
  set('split_special_tokens', settings.splitSpecialTokens, false)
  return {
    ...result,
    tokenizer_class,
    model_max_length: settings.modelMaxLength,
    clean_up_tokenization_spaces: settings.cleanUpTokenizationSpaces,
    added_tokens_decoder: new Map(tokenizer.vocabulary.tokens.map(([id, token]) => [id, fieldsOf(token)])),
  }
}

/** special_tokens_map.json, which older versions read. */
export function specialTokensMap({ roles, additional }: SpecialTokens): SpecialTokenFields {
  const written = (token: TokenLike): TokenLike => {
    if (typeof token === 'string') return token
    const { special: _, ...fields } = fieldsOf(addedToken(token))
    return fields
  }
  return {
    ...Object.fromEntries(Array.from(roles, ([role, token]) => [role, written(token)])),
    ...(additional.length > 0 && { additional_special_tokens: additional.map(written) }),
  }
}

/** added_tokens.json, which the slow class reads: the tokens that its vocabulary lacks. Nothing where there are none. */
export function addedTokens({ vocabulary, model }: Tokenizer): Record<string, number> | undefined {
  const added = vocabulary.tokens.filter(([id]) => id >= model.size)
  return added.length === 0 ? undefined : Object.fromEntries(added.map(([id, { content }]) => [content, id]))
}

function fieldsOf({ content, lstrip, normalized, rstrip, single_word, special }: AddedToken): AddedToken {
  return { content, lstrip, normalized, rstrip, single_word, special }
}
