/** @file What a post-processor is: it puts special tokens around one text or two. */
import type { Encoding } from '../encoding'

export interface PostProcessor {
  /** How many special tokens it adds. */
  added(pair: boolean): number
  process(encodings: Encoding[], addSpecialTokens: boolean): Encoding[]
}
