/** @file SentencePiece's words: spaces become ▁, which opens the word that follows. */

import { TokenizerError } from '../errors'
import { type Checks, character, flag, nullable, oneOf, optional } from '../fields'
import { prepended } from '../normalizers/prepend'
import { replaceMatches } from '../text/aligned-string'
import { Split, splitEach, whole } from '../text/split'
import type { PreTokenizer } from './pre-tokenizer'

export interface MetaspaceConfig {
  type: 'Metaspace'
  /** One character. */
  replacement: string
  /** Where a text that doesn't begin with a space gets one; left out: always. */
  prepend_scheme?: 'first' | 'never' | 'always'
  /** The older spelling: false means never. */
  add_prefix_space?: boolean | null
  /** Left out: true. */
  split?: boolean | null
}

export const metaspaceFields: Checks<MetaspaceConfig> = {
  replacement: character,
  prepend_scheme: optional(oneOf('first', 'never', 'always')),
  add_prefix_space: nullable(flag),
  split: nullable(flag),
}

/** @throws {TokenizerError} when the two spellings contradict each other. */
export function prependScheme({
  prepend_scheme,
  add_prefix_space,
}: MetaspaceConfig): 'first' | 'never' | 'always' {
  if (add_prefix_space === false && prepend_scheme !== undefined && prepend_scheme !== 'never') {
    throw new TokenizerError(
      `Metaspace: add_prefix_space false does not go with prepend_scheme "${prepend_scheme}".`,
    )
  }
  return add_prefix_space === false ? 'never' : (prepend_scheme ?? 'always')
}

export function metaspace(config: MetaspaceConfig): PreTokenizer {
  const { replacement } = config
  const separate = config.split ?? true
  const scheme = prependScheme(config)
  return (splits) =>
    splitEach(splits, (split, add) => {
      const { aligned } = split
      let string =
        replacement.length === 1
          ? aligned.with(aligned.text.replaceAll(' ', replacement))
          : replaceMatches(aligned, / /g, replacement)
      const wanted = scheme === 'always' || (scheme === 'first' && split.string.start(split.start) === 0)
      if (wanted && !string.text.startsWith(replacement)) string = prepended(string, replacement)
      if (!separate) return add(whole(string))
      let start = 0
      for (;;) {
        const next = string.text.indexOf(replacement, start + 1)
        if (next === -1) break
        add(new Split(string, start, next))
        start = next
      }
      add(new Split(string, start, string.text.length))
    })
}
