/** @file BERT's cleaning: control characters out, CJK characters apart, accents off, letters small. */
import { type AlignedString, Transformation, without } from '../text/aligned-string'
import { isControl, isNonspacingMark } from '../text/characters'
import { lowercase } from './lowercase'
import type { Normalizer } from './normalizer'
import { unicodeForm } from './unicode-form'

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
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu

function cleanText(string: AlignedString): AlignedString {
  const cleaned = without(string, isControl)
  // U+FEFF and U+0085, where JavaScript and Unicode disagree about white space, are gone by now.
  return /[^\S ]/.test(cleaned.text) ? cleaned.with(cleaned.text.replace(/\s/g, ' ')) : cleaned
}

function isolateCjk(string: AlignedString): AlignedString {
  let result: Transformation | undefined
  for (const { 0: character, index } of string.text.matchAll(CJK)) {
    result ??= new Transformation(string)
    result.copy(index).push(' ', 0).push(character, 1).push(' ', 1)
  }
  return result === undefined ? string : result.copy(string.text.length).done()
}

export function bertNormalizer(config: BertNormalizerConfig): Normalizer {
  const stripAccents = config.strip_accents ?? config.lowercase
  const decompose = unicodeForm('NFD')
  return (string) => {
    let result = string
    if (config.clean_text) result = cleanText(result)
    if (config.handle_chinese_chars) result = isolateCjk(result)
    if (stripAccents) result = without(decompose(result), isNonspacingMark)
    return config.lowercase ? lowercase(result) : result
  }
}
