/** @file CTC: a token said twice in a row counts once, and the pad token keeps two apart. */
import { cleanUp } from './clean-up'
import { replaceAll } from './replace'

export interface CtcConfig {
  type: 'CTC'
  pad_token: string
  /** Becomes a space, but only where there is clean-up: the library's way. */
  word_delimiter_token: string
  cleanup: boolean
}

export const ctc =
  ({ pad_token, word_delimiter_token, cleanup }: CtcConfig) =>
  (tokens: readonly string[]): string[] =>
    tokens
      .filter((token, i) => i === 0 || token !== tokens[i - 1])
      .map((token) => {
        const text = replaceAll(token, pad_token, '')
        return cleanup ? replaceAll(cleanUp(text), word_delimiter_token, ' ') : text
      })
      .filter((token) => token !== '')
