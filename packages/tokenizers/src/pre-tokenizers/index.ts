/** @file `pre_tokenizer` of a tokenizer.json → stages. */
import { build } from '../registry'
import { isNumeric, isPunctuation } from '../text/characters'
import { type Behavior, characterFinder, delimit, matchFinder } from '../text/cutter'
import { type Pattern, toRegExp } from '../text/pattern'
import { bert } from './bert'
import { type ByteLevelConfig, byteLevel } from './byte-level'
import { type MetaspaceConfig, metaspace } from './metaspace'
import { type PreTokenizer, preTokenizer, type Stage } from './stage'
import { whitespace, whitespaceSplit } from './whitespace'

export { type PreTokenizer, type Spelling, STRIDE, spelledWords } from './stage'

export type PreTokenizerConfig =
  | { type: 'BertPreTokenizer' | 'Whitespace' | 'WhitespaceSplit' }
  | ByteLevelConfig
  | MetaspaceConfig
  | { type: 'Punctuation'; behavior?: Behavior }
  | { type: 'Digits'; individual_digits: boolean }
  | { type: 'Split'; pattern: Pattern; behavior: Behavior; invert: boolean }
  | { type: 'Sequence'; pretokenizers: PreTokenizerConfig[] }

/** @throws {TokenizerError} when the component is unknown or malformed. */
export const createPreTokenizer = (config: PreTokenizerConfig): PreTokenizer => preTokenizer(stagesOf(config))

function stagesOf(config: PreTokenizerConfig): Stage[] {
  return build<PreTokenizerConfig, Stage[]>('pre_tokenizer', config, {
    BertPreTokenizer: () => [{ cut: bert }],
    ByteLevel: byteLevel,
    Metaspace: metaspace,
    Whitespace: () => [{ cut: whitespace }],
    WhitespaceSplit: () => [{ cut: whitespaceSplit }],
    Punctuation: ({ behavior = 'Isolated' }) => [{ cut: delimit(characterFinder(isPunctuation), behavior) }],
    Digits: ({ individual_digits }) => [
      { cut: delimit(characterFinder(isNumeric), individual_digits ? 'Isolated' : 'Contiguous') },
    ],
    Split: ({ pattern, behavior, invert }) => [
      { cut: delimit(matchFinder(toRegExp(pattern)), behavior, invert) },
    ],
    Sequence: ({ pretokenizers }) => pretokenizers.flatMap(stagesOf),
  })
}
