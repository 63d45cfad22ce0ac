/** @file WordPiece: a space before every token but those that continue a word. */
import { cleanUp } from './clean-up'

export interface WordPieceDecoderConfig {
  type: 'WordPiece'
  prefix: string
  cleanup: boolean
}

export const wordPiece =
  ({ prefix, cleanup }: WordPieceDecoderConfig) =>
  (tokens: readonly string[]): string[] =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
      return cleanup ? cleanUp(text) : text
    })
