/** @file `pre_tokenizer` of a tokenizer.json → function. */
import { build } from '../registry'
import { isNumeric, isPunctuation } from '../text/characters'
import { type Pattern, toRegExp } from '../text/pattern'
import type { Behavior } from '../text/split'
import { bert } from './bert'
import { type ByteLevelConfig, byteLevel } from './byte-level'
import { type MetaspaceConfig, metaspace } from './metaspace'
import { cutAtCharacters, cutAtMatches, type PreTokenizer } from './pre-tokenizer'
import { whitespace, whitespaceSplit } from './whitespace'

export type { PreTokenizer } from './pre-tokenizer'

export type PreTokenizerConfig =
  | { type: 'BertPreTokenizer' | 'Whitespace' | 'WhitespaceSplit' }
  | ByteLevelConfig
  | MetaspaceConfig
  | { type: 'Punctuation'; behavior?: Behavior }
  | { type: 'Digits'; individual_digits: boolean }
  | { type: 'Split'; pattern: Pattern; behavior: Behavior; invert: boolean }
  | { type: 'Sequence'; pretokenizers: PreTokenizerConfig[] }

/** @throws {TokenizerError} when the component is unknown or malformed. */
export function createPreTokenizer(config: PreTokenizerConfig): PreTokenizer {
  return build<PreTokenizerConfig, PreTokenizer>('pre_tokenizer', config, {
    BertPreTokenizer: () => bert,
    ByteLevel: byteLevel,
    Metaspace: metaspace,
    Whitespace: () => whitespace,
    WhitespaceSplit: () => whitespaceSplit,
    Punctuation: ({ behavior = 'Isolated' }) => cutAtCharacters(isPunctuation, behavior),
    Digits: ({ individual_digits }) =>
      cutAtCharacters(isNumeric, individual_digits ? 'Isolated' : 'Contiguous'),
    Split: ({ pattern, behavior, invert }) => cutAtMatches(toRegExp(pattern), behavior, invert),
    Sequence: ({ pretokenizers }) => {
      const all = pretokenizers.map(createPreTokenizer)
      return (splits) => all.reduce<ReturnType<PreTokenizer>>((pieces, cut) => cut(pieces), [...splits])
    },
  })
}
