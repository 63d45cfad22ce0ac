/** @file Lowercase, as Rust lowercases: each character by itself. */
import { type AlignedString, Transformation } from '../text/aligned-string'
import { unitsAt } from '../text/characters'

export function lowercase(string: AlignedString): AlignedString {
  // JavaScript alone gives a Σ at the end of a word another small letter.
  const text = string.text.includes('Σ') ? string.text.replaceAll('Σ', 'σ') : string.text
  // İ is the one character whose small letter is longer: i and a dot above.
  if (!text.includes('İ')) return string.with(text.toLowerCase())
  const result = new Transformation(string)
  for (let i = 0; i < text.length; i += unitsAt(text, i)) {
    const [first, ...more] = String.fromCodePoint(text.codePointAt(i)!).toLowerCase()
    result.push(first!, 0)
    for (const character of more) result.push(character, 1)
  }
  return result.done()
}
