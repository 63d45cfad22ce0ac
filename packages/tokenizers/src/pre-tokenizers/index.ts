/** @file `pre_tokenizer` of a tokenizer.json → function. */
import { behavior, character, count, flag, list, optional, pattern } from '../fields'
import { build, checked } from '../registry'
import { isNumeric, isPunctuation } from '../text/characters'
import { type Pattern, toRegExp } from '../text/pattern'
import type { Behavior } from '../text/split'
import { bert } from './bert'
import { type ByteLevelConfig, byteLevel } from './byte-level'
import { type CharDelimiterSplitConfig, charDelimiterSplit } from './char-delimiter-split'
import { type FixedLengthConfig, fixedLength } from './fixed-length'
import { type MetaspaceConfig, metaspace, metaspaceFields } from './metaspace'
import { cutAtCharacters, cutAtMatches, type PreTokenizer } from './pre-tokenizer'
import { unicodeScripts } from './unicode-scripts'
import { whitespace, whitespaceSplit } from './whitespace'

export type { PreTokenizer } from './pre-tokenizer'

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
export function createPreTokenizer(config: PreTokenizerConfig): PreTokenizer {
  return build<PreTokenizerConfig, PreTokenizer>('pre_tokenizer', config, {
    BertPreTokenizer: () => bert,
    ByteLevel: checked({ add_prefix_space: flag, trim_offsets: flag, use_regex: optional(flag) }, byteLevel),
    CharDelimiterSplit: checked({ delimiter: character }, charDelimiterSplit),
    FixedLength: checked({ length: optional(count) }, fixedLength),
    Metaspace: checked(metaspaceFields, metaspace),
    UnicodeScripts: () => unicodeScripts,
    Whitespace: () => whitespace,
    WhitespaceSplit: () => whitespaceSplit,
    Punctuation: checked({ behavior: optional(behavior) }, ({ behavior = 'Isolated' }: PunctuationConfig) =>
      cutAtCharacters(isPunctuation, behavior),
    ),
    Digits: checked({ individual_digits: flag }, ({ individual_digits }: DigitsConfig) =>
      cutAtCharacters(isNumeric, individual_digits ? 'Isolated' : 'Contiguous'),
    ),
    Split: checked({ pattern, behavior, invert: flag }, ({ pattern, behavior, invert }: SplitConfig) =>
      cutAtMatches(toRegExp(pattern), behavior, invert),
    ),
    Sequence: checked({ pretokenizers: list }, ({ pretokenizers }: SequenceConfig) => {
      const all = pretokenizers.map(createPreTokenizer)
      return (splits) => all.reduce<ReturnType<PreTokenizer>>((pieces, cut) => cut(pieces), [...splits])
    }),
  })
}
