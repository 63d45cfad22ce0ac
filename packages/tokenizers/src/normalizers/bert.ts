/** @file BERT's cleaning: control characters out, CJK characters apart, accents off, letters small. */

import type { Steps } from '@webformers/hub'
import type { AlignedString } from '../text/aligned-string'
import { isControl, isNonspacingMark, isWhitespace } from '../text/characters'
import { rememberedRewrite, rewriteCharacters, without } from '../text/rewrite'
import { lowercase } from './lowercase'
import { type Normalizer, normalized } from './normalizer'
import { decomposed, isReordered, unicodeForm } from './unicode-form'

export interface BertNormalizerConfig {
  type: 'BertNormalizer'
  clean_text: boolean
  handle_chinese_chars: boolean
  /** Left out or null: as `lowercase`. */
  strip_accents?: boolean | null
  lowercase: boolean
}

// One block starts at 2B920 and not at 2B820: the library's slip, and the tokens depend on it.
const CJK =
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/u

/** Text in which nothing but the letters' case can change. */
const PLAIN = /^[ -~]*$/

export function bertNormalizer(config: BertNormalizerConfig): Normalizer {
  const stripAccents = config.strip_accents ?? config.lowercase
  const cleaned = (character: string, codePoint: number) => {
    if (config.clean_text && isControl(codePoint)) return ''
    if (config.clean_text && isWhitespace(codePoint)) return ' '
    return config.handle_chinese_chars && CJK.test(character) ? ` ${character} ` : character
  }
  const clean = rememberedRewrite(cleaned)
  const cleanAndStrip = rememberedRewrite((character, codePoint) => {
    const parts = Array.from(cleaned(character, codePoint), decomposed).join('')
    const kept = Array.from(parts).filter((part) => !isNonspacingMark(part.codePointAt(0)!))
    return kept.some(isReordered) ? null : kept.join('')
  })
  const decompose = unicodeForm('NFD')
  function* strip(string: AlignedString): Steps<AlignedString> {
    const stripped = yield* rewriteCharacters(string, cleanAndStrip)
    if (stripped !== undefined) return stripped
    const cleaned = (yield* rewriteCharacters(string, clean))!
    return yield* without(yield* normalized(cleaned, decompose), isNonspacingMark)
  }
  return function* (string) {
    let result = string
    if (!PLAIN.test(string.text))
      result = stripAccents ? yield* strip(string) : (yield* rewriteCharacters(string, clean))!
    return config.lowercase ? yield* lowercase(result) : result
  }
}
