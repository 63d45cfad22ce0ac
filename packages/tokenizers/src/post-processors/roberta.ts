/** @file RobertaProcessing: `<s> A </s>`, `<s> A </s></s> B </s>`, and no types. */
import type { PostProcessor } from './post-processor'
import { offsetTrimmer } from './trim'
import { type SpecialToken, wrap } from './wrap'

export interface RobertaProcessingConfig {
  type: 'RobertaProcessing'
  sep: SpecialToken
  cls: SpecialToken
  trim_offsets: boolean
  add_prefix_space: boolean
}

export function robertaProcessing(config: RobertaProcessingConfig): PostProcessor {
  const { sep, cls, trim_offsets, add_prefix_space } = config
  const trim = offsetTrimmer(add_prefix_space)
  return {
    added: (pair) => (pair ? 4 : 2),
    process(encodings, addSpecialTokens) {
      if (trim_offsets) trim(encodings)
      for (const encoding of encodings) encoding.become({ typeId: 0 })
      if (!addSpecialTokens) return encodings
      for (const { overflowing } of encodings) for (const window of overflowing) window.become({ typeId: 0 })
      return encodings.map((encoding, i) => wrap(encoding, Math.min(i, 1), [i === 0 ? cls : sep], [sep], 0))
    },
  }
}
