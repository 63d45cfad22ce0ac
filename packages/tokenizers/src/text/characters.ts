/**
 * @file Character classes as the Rust library knows them. Its parts were built on Unicode 8, 9 and 16, browsers on
 * newer ones, so each class is the browser's own minus the code points that joined it later. Found by asking the
 * library about every code point (`reference/record.py` asks again); a merged range may cover strangers to the class.
 */

/** A class of each code point, 0 to 254, remembered for the basic plane: an expression is asked once a character. */
export function remembered(classify: (codePoint: number) => number): (codePoint: number) => number {
  const pages: (Uint8Array | undefined)[] = new Array(256) // 0: not asked yet
  return (codePoint) => {
    if (codePoint > 0xffff) return classify(codePoint)
    let page = pages[codePoint >> 8]
    if (page === undefined) {
      page = new Uint8Array(256)
      pages[codePoint >> 8] = page
    }
    const answer = page[codePoint & 255]!
    if (answer > 0) return answer - 1
    const kind = classify(codePoint)
    page[codePoint & 255] = kind + 1
    return kind
  }
}

/** Whether a code point matches a set, asked of an expression with the `v` flag. */
function characterClass(pattern: string): (codePoint: number) => boolean {
  const expression = new RegExp(`^${pattern}$`, 'v')
  const kindOf = remembered((codePoint) => (expression.test(String.fromCodePoint(codePoint)) ? 1 : 0))
  return (codePoint) => kindOf(codePoint) === 1
}

/** What Oniguruma, built on Unicode 16, does not know yet: everything that joined up to Unicode 18. */
export const SINCE_UNICODE_16 =
  '\\u{558}\\u{58b}-\\u{58c}\\u{5c8}-\\u{5c9}\\u{88f}\\u{b53}-\\u{b54}\\u{c5c}\\u{cdc}\\u{1acf}-\\u{1af0}\\u{208f}\\u{209d}-\\u{209f}\\u{20c1}-\\u{20c4}\\u{2b96}\\u{2e60}-\\u{2e63}\\u{a7ce}-\\u{a7cf}\\u{a7d2}\\u{a7d4}\\u{a7dd}-\\u{a7f1}\\u{ab6c}-\\u{ab6d}\\u{fbc3}-\\u{fbd2}\\u{fd90}-\\u{fd91}\\u{fdc8}-\\u{fdce}\\u{107bb}-\\u{107bf}\\u{10940}-\\u{10959}\\u{10ec5}-\\u{10efb}\\u{11b0a}-\\u{11b67}\\u{11db0}-\\u{11df1}\\u{1246f}\\u{12475}-\\u{1247f}\\u{12550}-\\u{12686}\\u{16ea0}-\\u{16ed3}\\u{16ff2}-\\u{16ff6}\\u{187f8}-\\u{187ff}\\u{18cd6}-\\u{18cda}\\u{18d09}-\\u{191d2}\\u{1b123}-\\u{1b128}\\u{1b168}\\u{1ccfa}-\\u{1ccfc}\\u{1ceba}-\\u{1cefd}\\u{1d127}-\\u{1d128}\\u{1d1eb}-\\u{1d1ff}\\u{1d250}-\\u{1d281}\\u{1d6a6}\\u{1db00}-\\u{1db1c}\\u{1df1f}-\\u{1df24}\\u{1df2b}-\\u{1dfff}\\u{1e6c0}-\\u{1e6ff}\\u{1f1ae}\\u{1f6d8}-\\u{1f6d9}\\u{1f777}-\\u{1f77a}\\u{1f7da}-\\u{1f7db}\\u{1f7f1}-\\u{1f7ff}\\u{1f8d0}-\\u{1f8d8}\\u{1fa54}-\\u{1fa57}\\u{1fa8a}-\\u{1fa8e}\\u{1fac8}-\\u{1facd}\\u{1fadd}\\u{1faea}-\\u{1faef}\\u{1faf9}-\\u{1fafa}\\u{1fbfa}\\u{2b73a}-\\u{2b73f}\\u{2b81e}\\u{2cea2}-\\u{2cead}\\u{323b0}-\\u{3fc3f}'

/** What Unicode 16 brought, by category, for browsers that are older. */
const NEW_IN_UNICODE_16: Readonly<Record<string, string>> = {
  // ʕ has become Lo since.
  Ll: '\\u{295}\\u{1c8a}\\u{a7cd}\\u{a7db}\\u{10d70}-\\u{10d85}',
  Lm: '\\u{10d4e}\\u{10d6f}\\u{16d40}-\\u{16d42}\\u{16d6b}-\\u{16d6c}',
  Lo: '\\u{105c0}-\\u{105f3}\\u{10d4a}-\\u{10d4d}\\u{10d4f}\\u{10ec2}-\\u{10ec4}\\u{11380}-\\u{11389}\\u{1138b}\\u{1138e}\\u{11390}-\\u{113b5}\\u{113b7}\\u{113d1}\\u{113d3}\\u{11bc0}-\\u{11be0}\\u{13460}-\\u{143fa}\\u{16100}-\\u{1611d}\\u{16d43}-\\u{16d6a}\\u{18cff}\\u{1e5d0}-\\u{1e5ed}\\u{1e5f0}',
  Lu: '\\u{1c89}\\u{a7cb}-\\u{a7cc}\\u{a7da}\\u{a7dc}\\u{10d50}-\\u{10d65}',
  Mc: '\\u{113b8}-\\u{113ba}\\u{113c2}\\u{113c5}\\u{113c7}-\\u{113ca}\\u{113cc}-\\u{113cd}\\u{113cf}\\u{1612a}-\\u{1612c}',
  Mn: '\\u{897}\\u{10d69}-\\u{10d6d}\\u{10efc}\\u{113bb}-\\u{113c0}\\u{113ce}\\u{113d0}\\u{113d2}\\u{113e1}-\\u{113e2}\\u{11f5a}\\u{1611e}-\\u{16129}\\u{1612d}-\\u{1612f}\\u{1e5ee}-\\u{1e5ef}',
  Nd: '\\u{10d40}-\\u{10d49}\\u{116d0}-\\u{116e3}\\u{11bf0}-\\u{11bf9}\\u{16130}-\\u{16139}\\u{16d70}-\\u{16d79}\\u{1ccf0}-\\u{1ccf9}\\u{1e5f1}-\\u{1e5fa}',
  Pd: '\\u{10d6e}',
  Po: '\\u{1b4e}-\\u{1b4f}\\u{1b7f}\\u{113d4}-\\u{113d5}\\u{113d7}-\\u{113d8}\\u{11be1}\\u{16d6d}-\\u{16d6f}\\u{1e5ff}',
  Sm: '\\u{10d8e}-\\u{10d8f}',
  So: '\\u{2427}-\\u{2429}\\u{31e4}-\\u{31e5}\\u{1cc00}-\\u{1ccef}\\u{1cd00}-\\u{1ceb3}\\u{1f8b2}-\\u{1f8bb}\\u{1f8c0}-\\u{1f8c1}\\u{1fa89}\\u{1fa8f}\\u{1fabe}\\u{1fac6}\\u{1fadc}\\u{1fadf}\\u{1fae9}\\u{1fbcb}-\\u{1fbef}',
}

/** A general category, or one by its first letter alone; a set for an expression with the `v` flag. */
export function category(name: string): string {
  const added = Object.entries(NEW_IN_UNICODE_16).map(([key, set]) => (key.startsWith(name) ? set : ''))
  const left = name === 'Lo' ? '\\u{295}' : ''
  return `[[\\p{${name}}${added.join('')}]--[${SINCE_UNICODE_16}${left}]]`
}

/** Classes in Oniguruma's patterns; sets for an expression with the `v` flag. */
export const LETTER = category('L')
export const MARK = category('M')
export const NUMBER = category('N')
export const PUNCTUATION = category('P')
export const SYMBOL = category('S')
export const SPACE = '\\p{White_Space}'
export const DECIMAL = category('Nd')
/** `Alphabetic`; of what Unicode 16 brought it takes letters and the marks that are vowel signs. */
export const ALPHABETIC = `[${LETTER}[[\\p{Alphabetic}\\u{897}\\u{10d69}\\u{10efc}\\u{113b8}-\\u{113c0}\\u{113c2}\\u{113c5}\\u{113c7}-\\u{113ca}\\u{113cc}-\\u{113cd}\\u{1611e}-\\u{1612e}]--[${SINCE_UNICODE_16}]]]`
export const WORD = `[${ALPHABETIC}${MARK}${DECIMAL}${category('Pc')}]`

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
