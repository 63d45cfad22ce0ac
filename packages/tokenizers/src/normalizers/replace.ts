/** @file Replace: every match of a string or a regular expression by a text. */
import type { AlignedString } from '../text/aligned-string'
import { matchFinder, type Pattern, toRegExp } from '../text/pattern'
import { replaceMatches } from '../text/rewrite'
import type { Normalizer } from './normalizer'

export interface ReplaceConfig {
  type: 'Replace'
  pattern: Pattern
  content: string
}

export function replace({ pattern, content }: ReplaceConfig): Normalizer {
  const find = matchFinder(toRegExp(pattern))
  const one = 'String' in pattern && isUnit(pattern.String) && isUnit(content)
  return (string: AlignedString) =>
    one ? string.with(string.text.replaceAll(pattern.String, content)) : replaceMatches(string, find, content)
}

/** Whether a replacement keeps every position where it is. */
const isUnit = (text: string) => text.length === 1
