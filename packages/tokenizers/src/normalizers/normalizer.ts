/** @file What a normalizer is: a rewriting of a text that keeps its alignment to the original. */
import type { AlignedString } from '../text/aligned-string'

export type Normalizer = (string: AlignedString) => AlignedString
