/** @file What a class that decodes in a way of its own needs of the tokenizer. */
import type { TokenizerConfig } from './files'
import type { DecodeOptions } from './options'

export interface DecodingSource {
  readonly allSpecialIds: readonly number[]
  readonly padToken: string | undefined
  readonly config: TokenizerConfig
  convertTokensToIds(token: string): number | undefined
  convertIdsToTokens(id: number): string | undefined
  /** The text as any other class decodes it. */
  plain(ids: readonly number[], options: DecodeOptions): string
}
