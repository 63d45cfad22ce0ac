/** @file The languages Whisper knows, in the order of their tokens. */
import { TokenizerError } from '../errors'

/** The languages that Whisper knows, by their codes. Like `LANGUAGES` in Python.
 * @example whisperLanguages.de // 'german'
 */
export const whisperLanguages: Readonly<Record<string, string>> = {
  en: 'english',
  zh: 'chinese',
  de: 'german',
  es: 'spanish',
  ru: 'russian',
  ko: 'korean',
  fr: 'french',
  ja: 'japanese',
  pt: 'portuguese',
  tr: 'turkish',
  pl: 'polish',
  ca: 'catalan',
  nl: 'dutch',
  ar: 'arabic',
  sv: 'swedish',
  it: 'italian',
  id: 'indonesian',
  hi: 'hindi',
  fi: 'finnish',
  vi: 'vietnamese',
  he: 'hebrew',
  uk: 'ukrainian',
  el: 'greek',
  ms: 'malay',
  cs: 'czech',
  ro: 'romanian',
  da: 'danish',
  hu: 'hungarian',
  ta: 'tamil',
  no: 'norwegian',
  th: 'thai',
  ur: 'urdu',
  hr: 'croatian',
  bg: 'bulgarian',
  lt: 'lithuanian',
  la: 'latin',
  mi: 'maori',
  ml: 'malayalam',
  cy: 'welsh',
  sk: 'slovak',
  te: 'telugu',
  fa: 'persian',
  lv: 'latvian',
  bn: 'bengali',
  sr: 'serbian',
  az: 'azerbaijani',
  sl: 'slovenian',
  kn: 'kannada',
  et: 'estonian',
  mk: 'macedonian',
  br: 'breton',
  eu: 'basque',
  is: 'icelandic',
  hy: 'armenian',
  ne: 'nepali',
  mn: 'mongolian',
  bs: 'bosnian',
  kk: 'kazakh',
  sq: 'albanian',
  sw: 'swahili',
  gl: 'galician',
  mr: 'marathi',
  pa: 'punjabi',
  si: 'sinhala',
  km: 'khmer',
  sn: 'shona',
  yo: 'yoruba',
  so: 'somali',
  af: 'afrikaans',
  oc: 'occitan',
  ka: 'georgian',
  be: 'belarusian',
  tg: 'tajik',
  sd: 'sindhi',
  gu: 'gujarati',
  am: 'amharic',
  yi: 'yiddish',
  lo: 'lao',
  uz: 'uzbek',
  fo: 'faroese',
  ht: 'haitian creole',
  ps: 'pashto',
  tk: 'turkmen',
  nn: 'nynorsk',
  mt: 'maltese',
  sa: 'sanskrit',
  lb: 'luxembourgish',
  my: 'myanmar',
  bo: 'tibetan',
  tl: 'tagalog',
  mg: 'malagasy',
  as: 'assamese',
  tt: 'tatar',
  haw: 'hawaiian',
  ln: 'lingala',
  ha: 'hausa',
  ba: 'bashkir',
  jw: 'javanese',
  su: 'sundanese',
  yue: 'cantonese',
}

/** Other names of theirs. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  burmese: 'my',
  valencian: 'ca',
  flemish: 'nl',
  haitian: 'ht',
  letzeburgesch: 'lb',
  pushto: 'ps',
  panjabi: 'pa',
  moldavian: 'ro',
  moldovan: 'ro',
  sinhalese: 'si',
  castilian: 'es',
  mandarin: 'zh',
}

/** All names of languages. */
export const whisperLanguageNames: readonly string[] = [
  ...Object.values(whisperLanguages),
  ...Object.keys(OTHER_NAMES),
]

const CODES = new Map([
  ...Object.entries(whisperLanguages).flatMap(([code, name]) => [
    [code, code] as const,
    [name, code] as const,
  ]),
  ...Object.entries(OTHER_NAMES),
])

/** The code of a language that is given by one of its names or its code, in lower case; nothing where Whisper has none of it.
 * @example whisperLanguageCode('castilian') // 'es'
 */
export const whisperLanguageCode = (language: string): string | undefined => CODES.get(language)

/**
 * The code of a language that is given by its name or its code, in any case.
 * @throws {TokenizerError} when Whisper doesn't know it.
 */
export function languageCode(language: string): string {
  const code = whisperLanguageCode(language.toLowerCase())
  if (code !== undefined) return code
  throw new TokenizerError(
    `Whisper has no language ${JSON.stringify(language)}. It knows ${Object.values(whisperLanguages).join(', ')}.`,
  )
}

/** The name of a language that is given by its code; nothing where Whisper has none of it. */
export const languageName = (code: string): string | undefined =>
  Object.hasOwn(whisperLanguages, code) ? whisperLanguages[code] : undefined
