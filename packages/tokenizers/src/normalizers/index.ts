/** @file `normalizer` of a tokenizer.json → function. */
import { build } from '../registry'
import { type BertNormalizerConfig, bertNormalizer } from './bert'
import { lowercase } from './lowercase'
import type { Normalizer } from './normalizer'
import { type PrecompiledConfig, precompiled } from './precompiled'
import { type PrependConfig, prepend } from './prepend'
import { type ReplaceConfig, replace } from './replace'
import { type StripConfig, strip } from './strip'
import { stripAccents } from './strip-accents'
import { unicodeForm } from './unicode-form'

export type { Normalizer } from './normalizer'

export type NormalizerConfig =
  | BertNormalizerConfig
  | { type: 'Lowercase' | 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | 'StripAccents' }
  | PrecompiledConfig
  | PrependConfig
  | ReplaceConfig
  | StripConfig
  | { type: 'Sequence'; normalizers: NormalizerConfig[] }

/** @throws {TokenizerError} when the component is unknown or malformed. */
export function createNormalizer(config: NormalizerConfig): Normalizer {
  return build<NormalizerConfig, Normalizer>('normalizer', config, {
    BertNormalizer: bertNormalizer,
    Lowercase: () => lowercase,
    NFC: () => unicodeForm('NFC'),
    NFD: () => unicodeForm('NFD'),
    NFKC: () => unicodeForm('NFKC'),
    NFKD: () => unicodeForm('NFKD'),
    Precompiled: precompiled,
    Prepend: prepend,
    Replace: replace,
    Strip: strip,
    StripAccents: () => stripAccents,
    Sequence: ({ normalizers }) => {
      const all = normalizers.map(createNormalizer)
      return (string) => all.reduce((result, normalize) => normalize(result), string)
    },
  })
}
