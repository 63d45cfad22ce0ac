/** @file English texts made comparable: contractions, titles, numbers and British spellings are written alike. */
import { singleSpaces, type TextNormalizer, withoutBrackets, withoutDiacritics } from './basic-text'
import { numbersInDigits } from './english-numbers'

// `\b` knows ASCII's letters only.
const START = '(?<![\\p{L}\\p{N}_])'
const END = '(?![\\p{L}\\p{N}_])'

const words = (list: Readonly<Record<string, string>>): [RegExp, string][] =>
  Object.entries(list).map(([word, full]) => [new RegExp(`${START}${word}${END}`, 'gu'), full])
const endings = (list: Readonly<Record<string, string>>): [RegExp, string][] =>
  Object.entries(list).map(([ending, full]) => [new RegExp(`${ending}${END}`, 'gu'), ` ${full}`])

/** Sounds that are no words. */
const HESITATION = new RegExp(`${START}(hmm|mm|mhm|mmm|uh|um)${END}`, 'gu')

/** In this order. */
const REPLACED: readonly [RegExp, string][] = [
  ...words({
    "won't": 'will not',
    "can't": 'can not',
    "let's": 'let us',
    "ain't": 'aint',
    "y'all": 'you all',
    wanna: 'want to',
    gotta: 'got to',
    gonna: 'going to',
    "i'ma": 'i am going to',
    imma: 'i am going to',
    woulda: 'would have',
    coulda: 'could have',
    shoulda: 'should have',
    "ma'am": 'madam',
    mr: 'mister ',
    mrs: 'missus ',
    st: 'saint ',
    dr: 'doctor ',
    prof: 'professor ',
    capt: 'captain ',
    gov: 'governor ',
    ald: 'alderman ',
    gen: 'general ',
    sen: 'senator ',
    rep: 'representative ',
    pres: 'president ',
    rev: 'reverend ',
    hon: 'honorable ',
    asst: 'assistant ',
    assoc: 'associate ',
    lt: 'lieutenant ',
    col: 'colonel ',
    jr: 'junior ',
    sr: 'senior ',
    esq: 'esquire ',
  }),
  ...endings({
    "'d been": 'had been',
    "'s been": 'has been',
    "'d gone": 'had gone',
    "'s gone": 'has gone',
    "'d done": 'had done',
    "'s got": 'has got',
    "n't": 'not',
    "'re": 'are',
    "'s": 'is',
    "'d": 'would',
    "'ll": 'will',
    "'t": 'not',
    "'ve": 'have',
    "'m": 'am',
  }),
]

/** English as one writes it, for counting wrong words. Like `EnglishTextNormalizer` in Python.
 * @param spellings British → American, as in `normalizer.json` of Whisper's repositories; default: none
 * @example
 * englishTextNormalizer({ colour: 'color' })("It's Mr. Brown's twenty-first colour!")
 * // 'it is mister brown is 21st color'
 */
export function englishTextNormalizer(spellings: Readonly<Record<string, string>> = {}): TextNormalizer {
  return (text) => {
    let plain = withoutBrackets(text).replace(HESITATION, '').replace(/\s+'/g, "'")
    for (const [pattern, full] of REPLACED) plain = plain.replace(pattern, full)
    plain = plain.replace(/(\d),(\d)/g, '$1$2').replace(/\.([^0-9]|$)/g, ' $1')
    const numbered = numbersInDigits(withoutDiacritics(plain, '.%$¢€£'))
    const spelled = split(numbered)
      .map((word) => (Object.hasOwn(spellings, word) ? spellings[word] : word))
      .join(' ')
    return singleSpaces(spelled.replace(/[.$¢€£]([^0-9])/g, ' $1').replace(/([^0-9])%/g, '$1 '))
  }
}

const split = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
