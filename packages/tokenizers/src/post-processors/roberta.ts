/** @file RobertaProcessing: `<s> A </s>`, `<s> A </s></s> B </s>`, and no types. */
import type { PostProcessor } from './post-processor'
import { trimOffsets } from './trim'
import { type SpecialToken, wrap } from './wrap'

export interface RobertaProcessingConfig {
  type: 'RobertaProcessing'
  sep: SpecialToken
  cls: SpecialToken
  trim_offsets: boolean
  add_prefix_space: boolean
}

export const robertaProcessing = (config: RobertaProcessingConfig): PostProcessor => ({
  added: (pair) => (pair ? 4 : 2),
  process(encodings, addSpecialTokens) {
    const { sep, cls, trim_offsets, add_prefix_space } = config
    if (trim_offsets) trimOffsets(encodings, add_prefix_space)
    for (const encoding of encodings) encoding.typeIds.fill(0)
    if (!addSpecialTokens) return encodings
    for (const { overflowing } of encodings) for (const window of overflowing) window.typeIds.fill(0)
    return encodings.map((encoding, i) => wrap(encoding, Math.min(i, 1), [i === 0 ? cls : sep], [sep], 0))
  },
})
