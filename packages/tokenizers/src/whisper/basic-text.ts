/** @file Texts made comparable: what people write differently is written alike, so that only other words count as errors. */

export type TextNormalizer = (text: string) => string

/** Letters that are no letter with a mark to Unicode. */
const LETTERS: Readonly<Record<string, string>> = {
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  æ: 'ae',
  Æ: 'AE',
  ß: 'ss',
  ẞ: 'SS',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'th',
  ł: 'l',
  Ł: 'L',
}

const MARK = /\p{Mn}/u
const SYMBOL = /[\p{M}\p{S}\p{P}]/u

/** Without marks on letters; symbols become spaces, but those to keep.
 * @param keep characters that stay */
export const withoutDiacritics = (text: string, keep = ''): string =>
  Array.from(text.normalize('NFKD'), (character) => {
    if (keep.includes(character)) return character
    if (Object.hasOwn(LETTERS, character)) return LETTERS[character]
    if (MARK.test(character)) return ''
    return SYMBOL.test(character) ? ' ' : character
  }).join('')

const withoutSymbols = (text: string): string => text.normalize('NFKC').replace(/[\p{M}\p{S}\p{P}]/gu, ' ')

/** In small letters, without what stands in brackets. */
export const withoutBrackets = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[<[][^>\]]*[>\]]/g, '')
    .replace(/\(([^)]+?)\)/g, '')

export const singleSpaces = (text: string): string => text.replace(/\s+/g, ' ')

/** Small letters without symbols, for any language. Like `BasicTextNormalizer` in Python.
 * @param options `removeDiacritics` takes marks off letters; `splitLetters` counts every character as a word, for languages without
 * spaces
 * @example
 * basicTextNormalizer()('Hello, [noise] World!') // 'hello world '
 */
export function basicTextNormalizer({ removeDiacritics = false, splitLetters = false } = {}): TextNormalizer {
  const clean = removeDiacritics ? withoutDiacritics : withoutSymbols
  return (text) => {
    const cleaned = clean(withoutBrackets(text)).toLowerCase()
    return singleSpaces(splitLetters ? letters(cleaned).join(' ') : cleaned)
  }
}

const letters = (text: string): string[] =>
  Array.from(
    new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text),
    ({ segment }) => segment,
  )
