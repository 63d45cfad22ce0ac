/** @file Prepend: a text in front of every text that is not empty. */
import { type AlignedString, Transformation } from '../text/aligned-string'
import { unitsAt } from '../text/characters'
import type { Normalizer } from './normalizer'

export interface PrependConfig {
  type: 'Prepend'
  prepend: string
}

export const prepend =
  (config: PrependConfig): Normalizer =>
  (string) =>
    prepended(string, config.prepend)

/** `string` after `prefix`, which shares the place of the first character. */
export function prepended(string: AlignedString, prefix: string): AlignedString {
  const { text } = string
  if (text === '') return string
  const result = new Transformation(string)
  // Nothing in front still costs the first character its place: the library's own oddity.
  let change = prefix === '' ? 1 : 0
  for (const character of prefix + text.slice(0, unitsAt(text, 0))) {
    result.push(character, change)
    change = 1
  }
  if (prefix === '') result.skip(1)
  return result.copy(text.length).done()
}
