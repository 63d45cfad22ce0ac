/** @file `normalizer` of a tokenizer.json → function. */
import { flag, list, nullable, pattern, text } from '../fields'
import { build, checked } from '../registry'
import { type BertNormalizerConfig, bertNormalizer } from './bert'
import { byteLevel } from './byte-level'
import { lowercase } from './lowercase'
import { nmt } from './nmt'
import { type Normalizer, normalized } from './normalizer'
import { type PrecompiledConfig, precompiled } from './precompiled'
import { type PrependConfig, prepend } from './prepend'
import { type ReplaceConfig, replace } from './replace'
import { type StripConfig, strip } from './strip'
import { stripAccents } from './strip-accents'
import { unicodeForm } from './unicode-form'

export { type Normalizer, normalized } from './normalizer'

export type NormalizerConfig =
  | BertNormalizerConfig
  | { type: 'ByteLevel' | 'Lowercase' | 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | 'Nmt' | 'StripAccents' }
  | PrecompiledConfig
  | PrependConfig
  | ReplaceConfig
  | StripConfig
  | SequenceConfig

interface SequenceConfig {
  type: 'Sequence'
  normalizers: NormalizerConfig[]
}

/** @throws {TokenizerError} when the component is unknown or malformed. */
export function createNormalizer(config: NormalizerConfig): Normalizer {
  return build<NormalizerConfig, Normalizer>('normalizer', config, {
    BertNormalizer: checked(
      { clean_text: flag, handle_chinese_chars: flag, strip_accents: nullable(flag), lowercase: flag },
      bertNormalizer,
    ),
    ByteLevel: () => byteLevel,
    Lowercase: () => lowercase,
    NFC: () => unicodeForm('NFC'),
    NFD: () => unicodeForm('NFD'),
    NFKC: () => unicodeForm('NFKC'),
    NFKD: () => unicodeForm('NFKD'),
    Nmt: () => nmt,
    Precompiled: checked({ precompiled_charsmap: text }, precompiled),
    Prepend: checked({ prepend: text }, prepend),
    Replace: checked({ pattern, content: text }, replace),
    Strip: checked({ strip_left: flag, strip_right: flag }, strip),
    StripAccents: () => stripAccents,
    Sequence: checked({ normalizers: list }, ({ normalizers }: SequenceConfig) => {
      const all = normalizers.map(createNormalizer)
      return function* (string) {
        let result = string
        for (const normalize of all) result = yield* normalized(result, normalize)
        return result
      }
    }),
  })
}
