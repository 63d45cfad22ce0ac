/** @file A tokenizer of what its files say: the parts, and the tokens that the vocabulary still lacks. */
import type { AddedToken } from '../added-vocabulary'
import type { Side } from '../encoding'
import { type CompiledTokenizer, Tokenizer } from '../tokenizer'
import type { ChatTemplate } from './chat-template'
import type { TokenizerConfig } from './files'
import { addedToken, contentOf, type SpecialTokenFields, SpecialTokens } from './special-tokens'

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
  chatTemplate: ChatTemplate | undefined
  /** Whether lists of words need a tokenizer that puts a space before each. */
  needsPrefixSpace: boolean
  /** tokenizer_config.json as it was, for whatever else it says. */
  config: TokenizerConfig
}

/** All that a repository's files say of its tokenizer, in values that can be stored and handed over. */
export interface Blueprint {
  compiled: CompiledTokenizer
  special: SpecialTokenFields
  /** Tokens that the configuration declares. */
  declared: AddedToken[]
  settings: Settings
  chatTemplate: ChatTemplate | undefined
  needsPrefixSpace: boolean
  /** tokenizer_config.json, without what is told above. */
  config: TokenizerConfig
}

/** The tokenizer that a blueprint is of. */
export function assemble({ compiled, special: fields, declared, ...rest }: Blueprint): Parts {
  const tokenizer = new Tokenizer(compiled)
  const special = new SpecialTokens(fields)
  addMissing(tokenizer, special, declared)
  return { tokenizer, special, ...rest }
}

/** Add what the configuration declares or gives a role, and the tokenizer.json does not have. */
export function addMissing(
  tokenizer: Tokenizer,
  special: SpecialTokens,
  declared: Iterable<AddedToken>,
): void {
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
