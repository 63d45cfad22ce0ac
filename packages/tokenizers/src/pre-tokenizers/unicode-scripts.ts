/** @file UnicodeScripts: words of one script each, by the scripts of Unicode 10, as SentencePiece has them. */
import { remembered } from '../text/characters'
import type { Cutter } from '../text/cutter'

/** Japanese is written in three scripts at once, and its words hold together. */
const HAN = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u{30fc}]'
/** Whatever came after Unicode 10, and the space, is of no script: it stays with what is before it. */
const ANY =
  '[\\u{20}\\u{560}\\u{588}\\u{5ef}\\u{61d}\\u{7fd}-\\u{7ff}\\u{860}-\\u{89f}\\u{8b5}\\u{8be}-\\u{8d3}\\u{9fc}-\\u{9fe}\\u{a76}\\u{afa}-\\u{aff}\\u{b55}\\u{c04}\\u{c3c}\\u{c5c}-\\u{c5d}\\u{c77}\\u{c84}\\u{cdc}-\\u{cdd}\\u{cf3}-\\u{d00}\\u{d04}\\u{d3b}-\\u{d3c}\\u{d81}\\u{e86}\\u{e89}\\u{e8c}\\u{e8e}-\\u{e93}\\u{e98}\\u{ea0}\\u{ea8}-\\u{ea9}\\u{eac}\\u{eba}\\u{ece}\\u{170d}\\u{1715}-\\u{171f}\\u{180f}\\u{1878}\\u{1abf}-\\u{1aeb}\\u{1b4c}-\\u{1b4f}\\u{1b7d}-\\u{1b7f}\\u{1c89}-\\u{1cbf}\\u{1cf7}\\u{1cfa}\\u{1df6}-\\u{1dfa}\\u{20bf}-\\u{20c1}\\u{23ff}\\u{2427}-\\u{2429}\\u{2b96}-\\u{2b97}\\u{2bba}-\\u{2bbc}\\u{2bc9}\\u{2bd2}-\\u{2beb}\\u{2bf0}-\\u{2bff}\\u{2c2f}\\u{2c5f}\\u{2e45}-\\u{2e5d}\\u{2ffc}-\\u{2fff}\\u{312e}-\\u{312f}\\u{31bb}-\\u{31bf}\\u{31e4}-\\u{31ef}\\u{32ff}\\u{4db6}-\\u{4dbf}\\u{9fd6}-\\u{9fff}\\u{a7af}\\u{a7b8}-\\u{a7f6}\\u{a82c}\\u{a8fe}-\\u{a8ff}\\u{ab66}-\\u{ab6b}\\u{fbc2}-\\u{fbd2}\\u{fd40}-\\u{fd4f}\\u{fd90}-\\u{fd91}\\u{fdc8}-\\u{fdcf}\\u{fdfe}-\\u{fdff}\\u{1019c}\\u{1032d}-\\u{1032f}\\u{10780}-\\u{107ba}\\u{10a34}-\\u{10a35}\\u{10a48}\\u{10ec2}-\\u{10eff}\\u{11070}-\\u{11075}\\u{110c2}-\\u{110cd}\\u{11144}-\\u{11147}\\u{111ce}-\\u{111cf}\\u{1123f}-\\u{11241}\\u{1133b}\\u{1145a}\\u{1145e}-\\u{11461}\\u{116b8}-\\u{116b9}\\u{116d0}-\\u{116e3}\\u{1171a}\\u{11740}-\\u{11746}\\u{11ab0}-\\u{11abf}\\u{11b00}-\\u{11b67}\\u{11fb0}-\\u{11fff}\\u{1342f}-\\u{143fa}\\u{16f45}-\\u{16f4f}\\u{16f7f}-\\u{16f87}\\u{16fe2}-\\u{16ff6}\\u{187ed}-\\u{187ff}\\u{18af3}-\\u{1affe}\\u{1b002}-\\u{1b167}\\u{1cc00}-\\u{1cfc3}\\u{1d1e9}-\\u{1d1ea}\\u{1d2c0}-\\u{1d2f3}\\u{1d372}-\\u{1d378}\\u{1df00}-\\u{1df2a}\\u{1e030}-\\u{1e7fe}\\u{1e94b}\\u{1ec71}-\\u{1ed3d}\\u{1f10d}-\\u{1f10f}\\u{1f12f}\\u{1f16c}-\\u{1f16f}\\u{1f1ad}\\u{1f260}-\\u{1f265}\\u{1f6d3}-\\u{1f6df}\\u{1f6f7}-\\u{1f6fc}\\u{1f774}-\\u{1f77f}\\u{1f7d5}-\\u{1f7f0}\\u{1f8b0}-\\u{1f90f}\\u{1f91f}\\u{1f928}-\\u{1f92f}\\u{1f931}-\\u{1f932}\\u{1f93f}\\u{1f94c}-\\u{1f94f}\\u{1f95f}-\\u{1f97f}\\u{1f992}-\\u{1f9bf}\\u{1f9c1}-\\u{1fbfa}\\u{2a6d7}-\\u{2a6df}\\u{2b735}-\\u{2b73f}\\u{2cea2}-\\u{2ee5d}\\u{30000}-\\u{33479}]'

const OTHERS =
  'Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Coptic Cuneiform Cypriot Cyrillic Deseret Duployan Egyptian_Hieroglyphs Elbasan Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Hangul Hanunoo Hatran Hebrew Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Kayah_Li Kharoshthi Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Malayalam Mandaic Manichaean Marchen Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean New_Tai_Lue Newa Nko Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_South_Arabian Old_Turkic Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sora_Sompeng Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Ugaritic Vai Warang_Citi Yi'

/** Characters that moved since come first, in the script they had. */
const SETS = [
  ANY,
  HAN,
  '[\\p{Script=Common}\\u{589}\\u{61c}]',
  '[\\p{Script=Devanagari}\\u{953}\\u{954}]',
  ...OTHERS.split(' ').map((name) => `\\p{Script=${name}}`),
]
const SCRIPT = new RegExp(`^(?:${SETS.map((set) => `(${set})`).join('|')})$`, 'v')

const NONE = 0

/** A number for each script. */
export const scriptOf = remembered((codePoint) => {
  const [, ...sets] = SCRIPT.exec(String.fromCodePoint(codePoint)) ?? []
  return Math.max(
    NONE,
    sets.findIndex((set) => set !== undefined),
  )
})

export const unicodeScripts: Cutter = (piece, from, pause, offset, out) => {
  // What has no script before the first that has one is lost: the library's own oddity.
  let start = -1
  let last = NONE
  for (let i = from; i < piece.length; ) {
    const codePoint = piece.codePointAt(i)!
    const script = scriptOf(codePoint)
    if (script !== NONE && script !== last) {
      if (start !== -1) {
        out.push(offset + start, offset + i)
        if (i > pause) return i
      }
      start = i
      last = script
    }
    i += codePoint > 0xffff ? 2 : 1
  }
  if (start !== -1) out.push(offset + start, offset + piece.length)
  return piece.length
}
