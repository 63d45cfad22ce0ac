/** @file ByteLevel: trims offsets, adds nothing. */
import type { ByteLevelConfig } from '../pre-tokenizers/byte-level'
import type { PostProcessor } from './post-processor'
import { offsetTrimmer } from './trim'

export function byteLevel({ trim_offsets, add_prefix_space }: ByteLevelConfig): PostProcessor {
  const trim = offsetTrimmer(add_prefix_space)
  return {
    added: () => 0,
    process(encodings) {
      if (trim_offsets) trim(encodings)
      encodings.forEach((encoding, sequence) => {
        encoding.setSequence(sequence)
      })
      return encodings
    },
  }
}
