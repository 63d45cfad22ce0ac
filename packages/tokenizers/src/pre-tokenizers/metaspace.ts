/** @file SentencePiece's words: spaces become ▁, which opens the word that follows. */

import { finish } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { type Checks, character, flag, nullable, oneOf, optional } from '../fields'
import { prepended } from '../normalizers/prepend'
import { AlignedString } from '../text/aligned-string'
import { unitsAt } from '../text/characters'
import type { Cutter } from '../text/cutter'
import { matchFinder } from '../text/pattern'
import { replaceMatches } from '../text/rewrite'
import type { Spelled, Spelling, Stage } from './stage'

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

const SPACE = 0x20

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

export function metaspace(config: MetaspaceConfig): Stage[] {
  const { replacement } = config
  const scheme = prependScheme(config)
  const spaces = matchFinder(/ /g)
  const mark = replacement.charCodeAt(0)
  const opens = (text: string, at: number) => {
    const unit = text.charCodeAt(at)
    return unit === SPACE || (unit === mark && text.startsWith(replacement, at))
  }
  const cut: Cutter = (piece, from, pause, offset, out) => {
    let start = from
    for (let i = from + 1; i < piece.length; i++) {
      if (!opens(piece, i)) continue
      out.push(offset + start, offset + i)
      start = i
      if (i > pause) return i
    }
    out.push(offset + start, offset + piece.length)
    return piece.length
  }
  // A word that a space opened needs no prefix; of a piece's words only the first can be another.
  const prefixes = (text: string, start: number, first: boolean) =>
    (scheme === 'always' || (scheme === 'first' && first)) && !opens(text, start)
  const spelling: Spelling = {
    bytes: false,
    prefixes,
    spell: (word: AlignedString, prefixed: boolean) => {
      const replaced =
        replacement.length === 1
          ? word.with(word.text.replaceAll(' ', replacement))
          : finish(replaceMatches(word, spaces, replacement))
      return prefixed ? prepended(replaced, replacement) : replaced
    },
    spellWord: (word: string, prefixed: boolean): Spelled => {
      const text = word.replaceAll(' ', replacement)
      if (replacement.length > 1) return spelling.spell(new AlignedString(word), prefixed)
      if (!prefixed) return new AlignedString(text)
      // The prefix shares the place of the word's first character.
      const first = unitsAt(word, 0)
      return {
        text: replacement + text,
        start: (index) => Math.max(index - 1, 0),
        end: (index) => (index > 1 ? index - 1 : first),
      }
    },
  }
  return (config.split ?? true) ? [{ cut }, { spelling }] : [{ spelling }]
}
