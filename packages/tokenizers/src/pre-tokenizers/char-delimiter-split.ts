/** @file CharDelimiterSplit: words between one character, which is dropped. */
import { cutAtCharacters, type PreTokenizer } from './pre-tokenizer'

export interface CharDelimiterSplitConfig {
  type: 'CharDelimiterSplit'
  /** One character. */
  delimiter: string
}

export function charDelimiterSplit({ delimiter }: CharDelimiterSplitConfig): PreTokenizer {
  const code = delimiter.codePointAt(0)!
  return cutAtCharacters((codePoint) => codePoint === code, 'Removed')
}
