/** @file Strip: white space off the ends. */
import { isWhitespace } from '../text/characters'
import type { Normalizer } from './normalizer'

export interface StripConfig {
  type: 'Strip'
  strip_left: boolean
  strip_right: boolean
}

export const strip =
  ({ strip_left, strip_right }: StripConfig): Normalizer =>
  (string) => {
    const { text } = string
    let start = 0
    let end = text.length
    // White space is one UTF-16 unit in all of Unicode.
    if (strip_left) while (start < end && isWhitespace(text.charCodeAt(start))) start++
    if (strip_right) while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--
    return string.slice(start, end)
  }
