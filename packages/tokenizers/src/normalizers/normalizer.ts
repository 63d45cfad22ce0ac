/** @file What a normalizer is: a rewriting of a text that keeps its alignment to the original. */
import type { Steps } from '@webformers/hub'
import { AlignedString } from '../text/aligned-string'

/** One that reads a text character by character takes several steps over a long one. */
export type Normalizer = (string: AlignedString) => AlignedString | Steps<AlignedString>

export function* normalized(string: AlignedString, normalize: Normalizer): Steps<AlignedString> {
  const result = normalize(string)
  return result instanceof AlignedString ? result : yield* result
}
