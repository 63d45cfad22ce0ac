/** @file ByteLevel: trims offsets, adds nothing. */
import type { ByteLevelConfig } from '../pre-tokenizers/byte-level'
import type { PostProcessor } from './post-processor'
import { trimOffsets } from './trim'

export const byteLevel = ({ trim_offsets, add_prefix_space }: ByteLevelConfig): PostProcessor => ({
  added: () => 0,
  process(encodings) {
    if (trim_offsets) trimOffsets(encodings, add_prefix_space)
    encodings.forEach((encoding, sequence) => {
      encoding.setSequence(sequence)
    })
    return encodings
  },
})
