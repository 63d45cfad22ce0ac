/** @file How SentencePiece itself normalizes a text: the longest rule first, then spaces. */
import type { Steps } from '@webformers/hub'
import { utf8Length } from '../text/bytes'
import { unitsAt } from '../text/characters'
import { REWRITTEN } from '../text/rewrite'
import { Charsmap } from './charsmap'

export interface SentencePieceNormalization {
  /** Empty where there are no rules. */
  charsmap: Uint8Array
  addDummyPrefix: boolean
  removeExtraWhitespaces: boolean
  escapeWhitespaces: boolean
  /** Whether a space comes after a word, and not before it. */
  spaceAsSuffix: boolean
}

/** A normalized text, and for each of its units where it came from. */
export interface NormalizedText {
  text: string
  starts: number[]
  ends: number[]
}

export const SPACE = '▁'

const encoder = new TextEncoder()
const LEADING_SPACES = /^ +/

/** @param symbols are no matter for the rules: the longest one that a text goes on with. */
export function sentencePieceNormalizer(
  { charsmap, ...spaces }: SentencePieceNormalization,
  symbols: (text: string, at: number) => number,
): (text: string) => Steps<NormalizedText> {
  const rules = charsmap.length === 0 ? undefined : new Charsmap(charsmap)
  const space = spaces.escapeWhitespaces ? SPACE : ' '
  return function* (source) {
    const bytes = encoder.encode(source)
    const result: NormalizedText = { text: '', starts: [], ends: [] }
    const append = (text: string, start: number, end: number) => {
      result.text += spaces.escapeWhitespaces ? text.replaceAll(' ', SPACE) : text
      for (let i = 0; i < text.length; i++) {
        result.starts.push(start)
        result.ends.push(end)
      }
    }
    let afterSpace = spaces.removeExtraWhitespaces
    let pause = REWRITTEN
    let started = false
    for (let at = 0, byte = 0; at < source.length; ) {
      const start = at
      const length = symbols(source, at)
      const rule = length > 0 ? undefined : rules?.longestPrefix(bytes, byte)
      let written = rule?.replacement
      if (rule === undefined) {
        at += length || unitsAt(source, at)
        written = source.slice(start, at)
        byte += utf8Length(written)
      } else {
        for (const end = byte + rule.length; byte < end; ) {
          const units = unitsAt(source, at)
          byte += utf8Length(source.slice(at, at + units))
          at += units
        }
      }
      if (!started && spaces.removeExtraWhitespaces && written === ' ') continue
      if (!started && spaces.addDummyPrefix && !spaces.spaceAsSuffix) append(' ', start, at)
      started = true
      if (afterSpace) written = written!.replace(LEADING_SPACES, '')
      if (written !== '') {
        append(written!, start, at)
        afterSpace = spaces.removeExtraWhitespaces && written!.endsWith(' ')
      }
      if (at > pause) {
        pause = at + REWRITTEN
        yield
      }
    }
    if (!started) return result
    if (spaces.removeExtraWhitespaces)
      while (result.text.endsWith(space)) result.text = result.text.slice(0, -space.length)
    if (spaces.addDummyPrefix && spaces.spaceAsSuffix) append(' ', source.length, source.length)
    return result
  }
}
