/** @file A tokenizer of what its files say: the parts, and the tokens that the vocabulary still lacks. */
import { type AddedToken, sameToken } from '../added-vocabulary'
import type { Languages } from '../converters/tokenizer-class'
import type { Side } from '../encoding'
import { type CompiledTokenizer, Tokenizer } from '../tokenizer'
import type { ChatTemplate } from './chat-template'
import type { TokenizerConfig } from './files'
import type { OwnDecoding } from './own-decoding'
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
  /** A vocabulary for each language, of which one is in use. */
  languages?: Languages
  /** How ids become text, where the class has a way of its own. */
  ownDecoding?: OwnDecoding
}

/** All that a repository's files say of its tokenizer, in values that can be stored and handed over. */
export interface Blueprint {
  compiled: CompiledTokenizer
  special: SpecialTokenFields
  /** Tokens to add, which the tokenizer.json does not have. */
  missing: AddedToken[]
  settings: Settings
  chatTemplate: ChatTemplate | undefined
  needsPrefixSpace: boolean
  /** tokenizer_config.json, without what is told above. */
  config: TokenizerConfig
  languages?: Languages
}

/** The tokenizer that a blueprint is of. */
export function assemble({ compiled, special, missing, ...rest }: Blueprint): Parts {
  const tokenizer = new Tokenizer(compiled)
  tokenizer.vocabulary.add(missing)
  return { tokenizer, special: new SpecialTokens(special), ...rest }
}

/** What the configuration declares or gives a role, and is not among the tokens of a tokenizer.json, or not as it says. */
export function missingTokens(
  present: readonly AddedToken[],
  special: SpecialTokens,
  declared: Iterable<AddedToken>,
): AddedToken[] {
  const known = new Map<string, AddedToken[]>()
  for (const token of present) known.set(token.content, [...(known.get(token.content) ?? []), token])
  const isSpecial = new Set(special.all.map(contentOf))
  const wanted = [
    ...declared,
    ...special.all.filter((token) => typeof token !== 'string' || !known.has(token)),
  ]
  return wanted
    .map((token) => {
      const content = contentOf(token)
      const full = addedToken(token, isSpecial.has(content))
      return { ...full, special: full.special || isSpecial.has(content) }
    })
    .filter((token) => !known.get(token.content)?.some((other) => sameToken(other, token)))
}
