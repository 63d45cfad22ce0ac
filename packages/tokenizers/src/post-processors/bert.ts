/** @file BertProcessing: `[CLS] A [SEP]`, `[CLS] A [SEP] B [SEP]`. */
import type { PostProcessor } from './post-processor'
import { type SpecialToken, wrap } from './wrap'

export interface BertProcessingConfig {
  type: 'BertProcessing'
  sep: SpecialToken
  cls: SpecialToken
}

export const bertProcessing = ({ sep, cls }: BertProcessingConfig): PostProcessor => ({
  added: (pair) => (pair ? 3 : 2),
  process(encodings, addSpecialTokens) {
    if (!addSpecialTokens) return encodings
    return encodings.map((encoding, i) =>
      wrap(encoding, Math.min(i, 1), i === 0 ? [cls] : [], [sep], Math.min(i, 1)),
    )
  },
})
