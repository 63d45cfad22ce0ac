/** @file From a repository's files to a tokenizer: which token has which role, and which the vocabulary still lacks. */
import type { AddedToken } from '../added-vocabulary'
import type { Side } from '../encoding'
import type { Steps } from '../steps'
import { Tokenizer } from '../tokenizer'
import type { TokenizerConfig, TokenizerFiles } from './files'
import { addedToken, contentOf, ROLES, type SpecialTokenFields, SpecialTokens } from './special-tokens'
import { classOf, type TokenizerClass, tokenizerJson } from './tokenizer-classes'

/** What a tokenizer's call goes by; a user may change it. */
export interface Settings {
  modelMaxLength: number
  modelInputNames: string[]
  paddingSide: Side
  truncationSide: Side
  padTokenTypeId: number
  cleanUpTokenizationSpaces: boolean
  splitSpecialTokens: boolean
}

export interface Parts {
  tokenizer: Tokenizer
  special: SpecialTokens
  settings: Settings
  /** Whether lists of words need a tokenizer that puts a space before each. */
  needsPrefixSpace: boolean
}

/** What a model without a limit is said to take, in Python as here. */
const NO_LIMIT = 1e30

/** @throws {TokenizerError} when the files are malformed, or are none that a tokenizer can be made of. */
export function* load(files: TokenizerFiles): Steps<Parts> {
  const config: TokenizerConfig = { ...files['tokenizer_config.json'] }
  const kind = classOf(config, files)
  const { fields, declared } = readTokens(files, config, kind)
  const json = tokenizerJson(kind, files, { ...config, ...fields })
  const tokenizer = yield* Tokenizer.from(json)
  const special = new SpecialTokens(fields)
  addMissing(tokenizer, special, declared)

  const { padding, truncation } = files['tokenizer.json'] ?? {}
  return {
    tokenizer,
    special,
    settings: {
      modelMaxLength: config.model_max_length ?? config.max_len ?? NO_LIMIT,
      modelInputNames: [...(config.model_input_names ?? kind.inputs)],
      paddingSide: config.padding_side ?? sideOf(padding?.direction),
      truncationSide: config.truncation_side ?? sideOf(truncation?.direction),
      padTokenTypeId: 0,
      cleanUpTokenizationSpaces: config.clean_up_tokenization_spaces ?? false,
      splitSpecialTokens: config.split_special_tokens ?? false,
    },
    needsPrefixSpace: kind.needsPrefixSpace === true && !config.add_prefix_space,
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
  kind: TokenizerClass,
): { fields: SpecialTokenFields; declared: AddedToken[] } {
  const fields: SpecialTokenFields = {
    additional_special_tokens: kind.additional,
    ...kind.tokens,
    ...roleFields(config),
  }
  const declared = new Map<number, AddedToken>()
  if (config.added_tokens_decoder !== undefined) {
    for (const [id, token] of Object.entries(config.added_tokens_decoder))
      declared.set(Number(id), addedToken(token))
  } else {
    const map = roleFields(files['special_tokens_map.json'] ?? {})
    Object.assign(fields, map)
    for (const [content, id] of Object.entries(files['added_tokens.json'] ?? {})) {
      const special = new SpecialTokens(fields).all.some((token) => contentOf(token) === content)
      declared.set(id, addedToken(content, special))
    }
    for (const { id, ...token } of files['tokenizer.json']?.added_tokens ?? []) declared.set(id, token)
  }
  const bare = files['tokenizer.json'] === undefined
  const byContent = new Map(Array.from(declared.values(), (token) => [token.content, token]))
  for (const role of ROLES) {
    const token = fields[role]
    if (token === undefined || token === null) continue
    const content = contentOf(token)
    const known = byContent.get(content)
    if (known !== undefined) fields[role] = known
    else if (typeof token === 'string') fields[role] = kind.declare?.(role, content, bare) ?? content
  }
  const sorted = [...declared].sort(([a], [b]) => a - b).map(([, token]) => token)
  return { fields, declared: sorted }
}

function roleFields(from: SpecialTokenFields): SpecialTokenFields {
  const fields: SpecialTokenFields = {}
  for (const role of ROLES) if (from[role] !== undefined) fields[role] = from[role]
  if (from.additional_special_tokens) fields.additional_special_tokens = from.additional_special_tokens
  return fields
}

/** Add what the configuration declares or gives a role, and the tokenizer.json does not have. */
function addMissing(tokenizer: Tokenizer, special: SpecialTokens, declared: readonly AddedToken[]): void {
  const known = new Set(tokenizer.vocabulary.tokens.map(([, token]) => token.content))
  const isSpecial = new Set(special.all.map(contentOf))
  const wanted = [
    ...declared,
    ...special.all.filter((token) => typeof token !== 'string' || !known.has(token)),
  ]
  // A token that is there already, with the same properties, is left as it is.
  tokenizer.vocabulary.add(
    wanted.map((token) => {
      const content = contentOf(token)
      const full = addedToken(token, isSpecial.has(content))
      return { ...full, special: full.special || isSpecial.has(content) }
    }),
  )
}
