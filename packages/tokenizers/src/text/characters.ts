/**
 * @file Character classes as the Rust library knows them. Its parts were built on Unicode 8, 9 and 16, browsers on
 * newer ones, so each class is the browser's own minus the code points that joined it later. Found by asking the
 * library about every code point (`reference/record.py` asks again); a merged range may cover strangers to the class.
 */

/** A class of each code point, 0 to 254, remembered for the basic plane: an expression is asked once a character. */
export function remembered(classify: (codePoint: number) => number): (codePoint: number) => number {
  const known = new Uint8Array(0x10000) // 0: not asked yet
  return (codePoint) => {
    if (codePoint > 0xffff) return classify(codePoint)
    const answer = known[codePoint]!
    if (answer > 0) return answer - 1
    const kind = classify(codePoint)
    known[codePoint] = kind + 1
    return kind
  }
}

/** Whether a code point matches a set, asked of an expression with the `v` flag. */
function characterClass(pattern: string): (codePoint: number) => boolean {
  const expression = new RegExp(`^${pattern}$`, 'v')
  const kindOf = remembered((codePoint) => (expression.test(String.fromCodePoint(codePoint)) ? 1 : 0))
  return (codePoint) => kindOf(codePoint) === 1
}

/** Letters, numbers and white space in Oniguruma's patterns; sets for an expression with the `v` flag. */
export const LETTER =
  '[\\p{L}--[\\u{88f}\\u{c5c}\\u{cdc}\\u{a7ce}-\\u{a7cf}\\u{a7d2}\\u{a7d4}\\u{a7f1}\\u{10940}-\\u{10959}\\u{10ec5}-\\u{10ec7}\\u{11db0}-\\u{11ddb}\\u{16ea0}-\\u{16ed3}\\u{16ff2}-\\u{16ff3}\\u{187f8}-\\u{187ff}\\u{18d09}-\\u{18df2}\\u{1e6c0}-\\u{1e6ff}\\u{2b73a}-\\u{2b73f}\\u{2cea2}-\\u{2cead}\\u{323b0}-\\u{33479}]]'
export const NUMBER = '[\\p{N}--[\\u{11de0}-\\u{11de9}\\u{16ff4}-\\u{16ff6}]]'
export const SPACE = '\\p{White_Space}'

export const isLetter = characterClass(LETTER)
export const isNumber = characterClass(NUMBER)
export const isWhitespace = characterClass(SPACE)
/** `\w` of Rust's regex crate. */
export const isWord = characterClass(
  '[[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]--[\\u{88f}\\u{c5c}\\u{cdc}\\u{1acf}-\\u{1aeb}\\u{a7ce}-\\u{a7cf}\\u{a7d2}\\u{a7d4}\\u{a7f1}\\u{10940}-\\u{10959}\\u{10ec5}-\\u{10efb}\\u{11b60}-\\u{11b67}\\u{11db0}-\\u{11de9}\\u{16ea0}-\\u{16ed3}\\u{16ff2}-\\u{16ff6}\\u{187f8}-\\u{187ff}\\u{18d09}-\\u{18df2}\\u{1e6c0}-\\u{1e6ff}\\u{2b73a}-\\u{2b73f}\\u{2cea2}-\\u{2cead}\\u{323b0}-\\u{33479}]]',
)
/** Any decimal, letter-like or other number: what `Digits` splits on. */
export const isNumeric = characterClass('\\p{N}')
export const isPunctuation = characterClass(
  '[[\\p{P}\\u{21}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{60}\\u{7b}-\\u{7e}\\u{166d}\\u{111c9}]--[\\u{61d}\\u{9fd}-\\u{a76}\\u{c77}-\\u{c84}\\u{1b4e}-\\u{1b4f}\\u{1b7d}-\\u{1b7f}\\u{2e43}-\\u{2e5d}\\u{10d6e}-\\u{10f89}\\u{113d4}-\\u{1145d}\\u{11660}-\\u{116b9}\\u{1183b}-\\u{11fff}\\u{12ff1}-\\u{12ff2}\\u{16d6d}-\\u{16fe2}\\u{1e5ff}-\\u{1e95f}]]',
)
/** Marks of any kind: what `StripAccents` removes. */
export const isMark = characterClass(
  '[[\\p{M}\\u{1cf2}\\u{1cf3}]--[\\u{7fd}\\u{897}-\\u{8d3}\\u{9fe}\\u{afa}-\\u{aff}\\u{b55}\\u{c04}-\\u{c3c}\\u{cf3}-\\u{d00}\\u{d3b}-\\u{d3c}\\u{d81}\\u{eba}\\u{ece}\\u{1715}\\u{180f}\\u{1abf}-\\u{1aeb}\\u{1cf7}\\u{1df6}-\\u{1dfa}\\u{a82c}\\u{a8ff}\\u{10d24}-\\u{10f85}\\u{11070}-\\u{11074}\\u{110c2}\\u{11145}-\\u{11146}\\u{111c9}\\u{111ce}-\\u{111cf}\\u{11241}\\u{1133b}\\u{113b8}-\\u{113e2}\\u{1145e}\\u{1182c}-\\u{11b67}\\u{11d31}-\\u{1612f}\\u{16f4f}\\u{16f7f}-\\u{16f87}\\u{16fe4}-\\u{16ff1}\\u{1cf00}-\\u{1cf46}\\u{1e08f}-\\u{1e6f5}]]',
)
/** Marks without a width: what BERT strips as accents. */
export const isNonspacingMark = characterClass(
  '[[\\p{Mn}\\u{1734}\\u{1171e}]--[\\u{7fd}\\u{897}-\\u{8e1}\\u{9fe}\\u{afa}-\\u{aff}\\u{b55}\\u{c04}-\\u{c3c}\\u{d00}\\u{d3b}-\\u{d3c}\\u{d81}\\u{eba}\\u{ece}\\u{180f}-\\u{1886}\\u{1abf}-\\u{1aeb}\\u{1df6}-\\u{1dfb}\\u{a82c}\\u{a8c5}\\u{a8ff}\\u{a9bd}\\u{10d24}-\\u{10f85}\\u{11070}-\\u{11074}\\u{110c2}\\u{111c9}\\u{111cf}\\u{1123e}-\\u{11241}\\u{1133b}\\u{113bb}-\\u{1145e}\\u{1182f}-\\u{1612f}\\u{16f4f}\\u{16fe4}\\u{1cf00}-\\u{1cf46}\\u{1e000}-\\u{1e6f5}\\u{1e944}-\\u{1e94a}]]',
)
/** Control, format and private-use characters, NUL and U+FFFD: what BERT's `clean_text` drops. */
export const isControl = characterClass(
  '[[\\p{Cc}\\p{Cf}\\p{Co}\\u{fffd}]--[\\t\\n\\r\\u{890}-\\u{8e2}\\u{110cd}-\\u{1343f}]]',
)

/** Characters that gained a decomposition or a combining class after Unicode 9: for the library they have none. */
export const UNKNOWN_TO_NORMALIZATION =
  '[\\u{7fd}\\u{897}-\\u{8d3}\\u{9fe}\\u{c3c}\\u{d3b}-\\u{d3c}\\u{eba}\\u{1715}\\u{1abf}-\\u{1aeb}\\u{1df6}-\\u{1dfa}\\u{32ff}\\u{a7f1}-\\u{a7f4}\\u{a82c}\\u{ab69}\\u{105c9}-\\u{107ba}\\u{10d24}-\\u{10f85}\\u{11070}\\u{1133b}\\u{11382}-\\u{113d0}\\u{1145e}\\u{11839}-\\u{11a99}\\u{11d42}-\\u{1612f}\\u{16d63}-\\u{16ff1}\\u{1ccd6}-\\u{1ccf9}\\u{1e030}-\\u{1e6f5}\\u{1f16c}\\u{1fbf0}-\\u{1fbf9}]'

/** The length in UTF-16 units of the character at `index`. */
export const unitsAt = (text: string, index: number): 1 | 2 => (text.codePointAt(index)! > 0xffff ? 2 : 1)

/** Where the character that ends before `index` begins. */
export function previous(text: string, index: number): number {
  const unit = text.charCodeAt(index - 1)
  return unit >= 0xdc00 && unit <= 0xdfff && index > 1 ? index - 2 : index - 1
}
