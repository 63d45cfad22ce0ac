/** @file From a repository's files to all that a tokenizer is made of: which token has which role, how texts are cut. */

import type { Steps } from '@webformers/hub'
import type { AddedToken } from '../added-vocabulary'
import type { Context, Declaration, TokenizerClass } from '../converters/tokenizer-class'
import type { Side } from '../encoding'
import { type Blueprint, missingTokens } from '../pretrained/assemble'
import { chatTemplateOf } from '../pretrained/chat-template'
import type { TokenizerConfig, TokenizerFiles } from '../pretrained/files'
import {
  addedToken,
  contentOf,
  ROLES,
  type SpecialTokenFields,
  SpecialTokens,
  type TokenLike,
} from '../pretrained/special-tokens'
import { compileTokenizer } from './compile-tokenizer'
import { classOf, declarationOf, isBare, isSlow, nameOf, tokenizerJson } from './tokenizer-classes'

/** What a model without a limit is said to take, in Python as here. */
const NO_LIMIT = 1e30

/** What the files say before there is a vocabulary. */
interface Description {
  kind: TokenizerClass
  /** Whether Python's slow class has a say. */
  slow: boolean
  special: SpecialTokens
  context: Context
}

/**
 * @param overrides go before the configuration.
 * @throws {TokenizerError} when the files contradict each other.
 */
export function describe(files: TokenizerFiles, overrides: TokenizerConfig = {}): Description {
  const config: TokenizerConfig = { ...files['tokenizer_config.json'], ...overrides }
  const kind = classOf(config, files)
  const slow = isSlow(kind, files, config)
  const { fields, declared } = readTokens(files, config, overrides, kind, slow)
  const special = new SpecialTokens(fields)
  const roles: Context['roles'] = {}
  for (const role of ROLES) {
    const content = special.contentOf(role)
    if (content !== undefined) roles[role] = content
  }
  const added = [...declared.values(), ...special.all].map(contentOf)
  return { kind, slow, special, context: { files, config, roles, added, declared } }
}

/** @throws {TokenizerError} when the files are malformed, or are none that a tokenizer can be made of. */
export function* blueprintOf(files: TokenizerFiles, overrides: TokenizerConfig = {}): Steps<Blueprint> {
  const { kind, slow, special, context } = describe(files, overrides)
  const { config, declared } = context
  const compiled = yield* compileTokenizer(tokenizerJson(kind, context), isBare(kind, files, config))
  const { padding, truncation } = files['tokenizer.json'] ?? {}
  const bare = slow ? (kind.bareSettings ?? {}) : {}
  const { added_tokens_decoder, chat_template, ...rest } = config
  const languages = kind.languages?.(files)
  return {
    compiled,
    special: special.fields,
    missing: missingTokens(compiled.added_tokens ?? [], special, declared.values()),
    settings: {
      modelMaxLength: config.model_max_length ?? config.max_len ?? bare.modelMaxLength ?? NO_LIMIT,
      modelInputNames: [...(config.model_input_names ?? kind.inputs)],
      paddingSide:
        config.padding_side ?? (padding ? sideOf(padding.direction) : (kind.paddingSide ?? 'right')),
      truncationSide: config.truncation_side ?? sideOf(truncation?.direction),
      padTokenTypeId: kind.padTokenTypeId ?? 0,
      cleanUpTokenizationSpaces: config.clean_up_tokenization_spaces ?? bare.cleanUp ?? false,
      splitSpecialTokens: config.split_special_tokens ?? false,
    },
    chatTemplate: chatTemplateOf(files, overrides),
    needsPrefixSpace: kind.needsPrefixSpace === true && !config.add_prefix_space,
    config: { ...rest, tokenizer_class: nameOf(config, files) },
    ...(languages && { languages }),
  }
}

const sideOf = (direction: string | undefined): Side =>
  direction?.toLowerCase() === 'left' ? 'left' : 'right'

/**
 * Who has which role. The class's own choice gives way to tokenizer_config.json, that to special_tokens_map.json in
 * repositories from before `added_tokens_decoder`; how a token matches is as the added tokens declare it.
 */
function readTokens(
  files: TokenizerFiles,
  config: TokenizerConfig,
  overrides: TokenizerConfig,
  kind: TokenizerClass,
  slow: boolean,
): { fields: SpecialTokenFields; declared: Map<number, AddedToken> } {
  const given = roleFields(config)
  const found = new Map<number, AddedToken>()
  if (config.added_tokens_decoder !== undefined) {
    for (const [id, token] of Object.entries(config.added_tokens_decoder))
      found.set(Number(id), addedToken(token))
  } else {
    const map = roleFields(files['special_tokens_map.json'] ?? {})
    for (const role of [...ROLES, 'additional_special_tokens'] as const) if (overrides[role]) delete map[role]
    const { additional_special_tokens: more = [], ...roles } = map
    Object.assign(given, roles)
    const { additional_special_tokens: additional } = given
    if (more!.length > 0) {
      const known = (additional ?? []).map(contentOf)
      const others = more!.filter((token) => !known.includes(contentOf(token)))
      given.additional_special_tokens = [...(additional ?? []), ...others]
    }
    const special = new Set(new SpecialTokens(given).all.map(contentOf))
    for (const [content, id] of Object.entries(files['added_tokens.json'] ?? {}))
      found.set(id, addedToken(content, special.has(content)))
    for (const { id, ...token } of files['tokenizer.json']?.added_tokens ?? []) found.set(id, token)
  }
  // A file that says how to pad names the token to pad with, if nobody else does.
  const { padding } = files['tokenizer.json'] ?? {}
  if (given.pad_token === undefined && kind.tokens.pad_token === undefined && padding?.pad_token)
    given.pad_token = padding.pad_token
  const known = new Map(Array.from(found.values(), (token) => [token.content, token]))
  const additional = given.additional_special_tokens ?? undefined
  const fields: SpecialTokenFields = {
    additional_special_tokens: kind.additional?.(additional, config, slow) ?? additional,
  }
  for (const role of ROLES) {
    const token = given[role]
    const own = declarationOf(kind, role, slow)
    if (token === undefined) fields[role] = declared(own)
    else fields[role] = token === null ? null : (known.get(contentOf(token)) ?? declared(own, token))
  }
  return { fields, declared: new Map([...found].sort(([a], [b]) => a - b)) }
}

/** A token that matches as its class says, unless the configuration does. */
function declared(own: Declaration | undefined, token?: TokenLike): TokenLike | undefined {
  if (typeof token === 'object' || typeof own !== 'object') return token ?? (own as string | undefined)
  const content = token ?? own.content
  return content === undefined ? undefined : { ...own, content }
}

function roleFields(from: SpecialTokenFields): SpecialTokenFields {
  const fields: SpecialTokenFields = {}
  for (const role of ROLES) if (from[role] !== undefined) fields[role] = from[role]
  if (from.additional_special_tokens) fields.additional_special_tokens = from.additional_special_tokens
  return fields
}
