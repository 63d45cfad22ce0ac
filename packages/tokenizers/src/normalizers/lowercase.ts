/** @file Lowercase, as Rust lowercases: each character by itself. */
import type { Steps } from '@webformers/hub'
import type { AlignedString } from '../text/aligned-string'
import { rememberedRewrite, rewriteCharacters } from '../text/rewrite'

export function* lowercase(string: AlignedString): Steps<AlignedString> {
  // JavaScript alone gives a Σ at the end of a word another small letter.
  const text = string.text.includes('Σ') ? string.text.replaceAll('Σ', 'σ') : string.text
  // İ is the one character whose small letter is longer: i and a dot above.
  const small = text.toLowerCase()
  return small.length === text.length ? string.with(small) : (yield* rewriteCharacters(string, lowercaseOf))!
}

const lowercaseOf = rememberedRewrite((character) => (character === 'Σ' ? 'σ' : character.toLowerCase()))
