/** @file `pre_tokenizer` of a tokenizer.json → stages. */
import { behavior, character, count, flag, list, optional, pattern } from '../fields'
import { build, checked } from '../registry'
import { isNumeric, isPunctuation } from '../text/characters'
import { type Behavior, type Cutter, characterFinder, delimit } from '../text/cutter'
import { matchFinder, type Pattern, toRegExp } from '../text/pattern'
import { bert } from './bert'
import { type ByteLevelConfig, byteLevel } from './byte-level'
import { type FixedLengthConfig, fixedLength } from './fixed-length'
import { type MetaspaceConfig, metaspace, metaspaceFields } from './metaspace'
import { scanners } from './scanners'
import { type PreTokenizer, preTokenizer, type Stage } from './stage'
import { unicodeScripts } from './unicode-scripts'
import { whitespace, whitespaceSplit } from './whitespace'

export { type PreTokenizer, type Spelling, STRIDE, spelledWords } from './stage'

export type PreTokenizerConfig =
  | { type: 'BertPreTokenizer' | 'UnicodeScripts' | 'Whitespace' | 'WhitespaceSplit' }
  | ByteLevelConfig
  | CharDelimiterSplitConfig
  | DigitsConfig
  | FixedLengthConfig
  | MetaspaceConfig
  | PunctuationConfig
  | SplitConfig
  | SequenceConfig

interface CharDelimiterSplitConfig {
  type: 'CharDelimiterSplit'
  /** One character, which is dropped. */
  delimiter: string
}

interface DigitsConfig {
  type: 'Digits'
  individual_digits: boolean
}

interface PunctuationConfig {
  type: 'Punctuation'
  /** Left out: 'Isolated'. */
  behavior?: Behavior
}

interface SplitConfig {
  type: 'Split'
  pattern: Pattern
  behavior: Behavior
  invert: boolean
}

interface SequenceConfig {
  type: 'Sequence'
  pretokenizers: PreTokenizerConfig[]
}

/** @throws {TokenizerError} when the component is unknown or malformed. */
export const createPreTokenizer = (config: PreTokenizerConfig): PreTokenizer => preTokenizer(stagesOf(config))

const atCharacters = (matches: (codePoint: number) => boolean, behavior: Behavior): Stage[] => [
  { cut: delimit(characterFinder(matches), behavior) },
]

function stagesOf(config: PreTokenizerConfig): Stage[] {
  return build<PreTokenizerConfig, Stage[]>('pre_tokenizer', config, {
    BertPreTokenizer: () => [{ cut: bert }],
    ByteLevel: checked({ add_prefix_space: flag, trim_offsets: flag, use_regex: optional(flag) }, byteLevel),
    CharDelimiterSplit: checked({ delimiter: character }, ({ delimiter }: CharDelimiterSplitConfig) =>
      atCharacters((codePoint) => codePoint === delimiter.codePointAt(0), 'Removed'),
    ),
    FixedLength: checked({ length: optional(count) }, (fixed: FixedLengthConfig) => [
      { cut: fixedLength(fixed) },
    ]),
    Metaspace: checked(metaspaceFields, metaspace),
    UnicodeScripts: () => [{ cut: unicodeScripts }],
    Whitespace: () => [{ cut: whitespace }],
    WhitespaceSplit: () => [{ cut: whitespaceSplit }],
    Punctuation: checked({ behavior: optional(behavior) }, ({ behavior = 'Isolated' }: PunctuationConfig) =>
      atCharacters(isPunctuation, behavior),
    ),
    Digits: checked({ individual_digits: flag }, ({ individual_digits }: DigitsConfig) =>
      atCharacters(isNumeric, individual_digits ? 'Isolated' : 'Contiguous'),
    ),
    Split: checked({ pattern, behavior, invert: flag }, (split: SplitConfig) => [{ cut: splitter(split) }]),
    Sequence: checked({ pretokenizers: list }, ({ pretokenizers }: SequenceConfig) =>
      pretokenizers.flatMap(stagesOf),
    ),
  })
}

/** A split's cutter; the expressions that most tokenizers have are read by hand. */
function splitter({ pattern, behavior, invert }: SplitConfig): Cutter {
  const scanner = 'Regex' in pattern && behavior === 'Isolated' && !invert && scanners.get(pattern.Regex)
  return scanner || delimit(matchFinder(toRegExp(pattern)), behavior, invert)
}
