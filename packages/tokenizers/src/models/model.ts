/** @file What a model is: it turns one word into tokens. */
import type { Steps } from '@webformers/hub'

/** The tokens of one word; `starts` and `ends` are UTF-16 positions in it. */
export interface Word {
  readonly ids: readonly number[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** By row, the tokens that are not named as the vocabulary spells their id. */
  readonly names?: ReadonlyMap<number, string>
}

/** What an added token is. */
export interface TokenKind {
  id: number
  special: boolean
}

export interface Model {
  /** How many tokens it knows, added ones not counted. */
  readonly size: number
  /** How many of these are there already under another id. */
  readonly repeated?: number
  /** A long word takes several steps. */
  tokenize(word: string): Steps<Word>
  /** The same for a word whose characters the byte-level alphabet is to spell, where the model can do that itself. */
  readonly tokenizeBytes?: (word: string) => Steps<Word>
  /** Pushes the bounds of parts of a long word that nothing can join: they have the tokens of the whole. */
  readonly cutAtSeams?: (word: string, out: number[]) => void
  idOf(token: string): number | undefined
  tokenOf(id: number): string | undefined
  /** The id of a token that is not counted, nor found in a text. */
  reservedId?(token: string): number | undefined
  /** What an id is read as that no token has; nothing unless said. */
  readonly unknownToken?: string
  /** The same vocabulary, for what a translation should be. */
  readonly target?: Model
  /** The text of tokens, where the model knows better than a decoder. */
  spell?(tokens: readonly string[], kindOf: (token: string) => TokenKind | undefined): string
  entries(): Iterable<[token: string, id: number]>
}

/** A word that is one token. */
export const single = (id: number, word: string): Word => ({ ids: [id], starts: [0], ends: [word.length] })
