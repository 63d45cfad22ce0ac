/** @file What pre-tokenizers are made of: stages that cut a piece of text, rewrite it, or spell its words otherwise. */

import type { Steps } from '@webformers/hub'
import type { AlignedString } from '../text/aligned-string'
import { type Cutter, chain } from '../text/cutter'
import { Split, whole } from '../text/split'

/** A word as it is spelled, and where in the word its characters came from. */
export type Spelled = Pick<AlignedString, 'text' | 'start' | 'end'>

/** How words are written for the model. What a word becomes depends on nothing but itself and `prefixed`. */
export interface Spelling {
  /** Whether the word that begins at `start` gets a prefix; `first`: it begins the text. */
  prefixes(text: string, start: number, first: boolean): boolean
  spell(word: AlignedString, prefixed: boolean): AlignedString
  /** The same for a word by itself, more cheaply, where that can be; most words are spelled once only. */
  spellWord?(word: string, prefixed: boolean): Spelled
  /** Whether it writes the characters' bytes in the byte-level alphabet, and that is all. */
  readonly bytes: boolean
}

export type Stage =
  | { readonly cut: Cutter }
  | { readonly rewrite: (piece: AlignedString) => AlignedString }
  | { readonly spelling: Spelling }

/**
 * A pre-tokenizer in two parts: stages that have to be done piece by piece, mostly none, and then one cut and one
 * spelling, which need no new strings.
 */
export interface PreTokenizer {
  readonly before: (splits: readonly Split[]) => readonly Split[]
  readonly cut: Cutter
  readonly spelling: Spelling | undefined
}

/** One word. */
const uncut: Cutter = (piece, from, _pause, offset, out) => {
  out.push(offset + from, offset + piece.length)
  return piece.length
}

export function preTokenizer(stages: readonly Stage[]): PreTokenizer {
  let end = stages.length
  const last = stages[end - 1]
  const spelling = last !== undefined && 'spelling' in last ? last.spelling : undefined
  if (spelling !== undefined) end--
  let start = end
  while (start > 0 && 'cut' in stages[start - 1]!) start--
  const cuts = stages.slice(start, end).map((stage) => (stage as { cut: Cutter }).cut)
  const before = stages.slice(0, start)
  return {
    before: (splits) => before.reduce(apply, splits),
    cut: cuts.length === 0 ? uncut : cuts.reduce(chain),
    spelling,
  }
}

function apply(splits: readonly Split[], stage: Stage): readonly Split[] {
  const result: Split[] = []
  for (const split of splits) {
    if (split.id !== undefined) result.push(split)
    else if ('cut' in stage) result.push(...cutSplit(split, stage.cut))
    else
      result.push(
        whole('rewrite' in stage ? stage.rewrite(split.aligned) : spellSplit(split, stage.spelling)),
      )
  }
  return result.filter((split) => split.id !== undefined || split.end > split.start)
}

function cutSplit({ string, start, text }: Split, cut: Cutter): Split[] {
  const bounds: number[] = []
  for (let from = 0; from < text.length; ) from = cut(text, from, text.length, start, bounds)
  const result: Split[] = []
  for (let i = 0; i < bounds.length; i += 2) result.push(new Split(string, bounds[i]!, bounds[i + 1]!))
  return result
}

function spellSplit({ aligned }: Split, spelling: Spelling): AlignedString {
  return spelling.spell(aligned, spelling.prefixes(aligned.text, 0, aligned.start(0) === 0))
}

/** How many UTF-16 units are cut before anyone else gets a turn: a few milliseconds' worth. */
export const STRIDE = 16_384

/** Every word of these pieces, as the model gets to see it. */
export function* spelledWords(
  { before, cut, spelling }: PreTokenizer,
  pieces: readonly Split[],
): Steps<string[]> {
  const words: string[] = []
  const bounds: number[] = []
  for (const piece of before(pieces)) {
    const { string, start, text } = piece
    for (let at = 0; at < text.length; ) {
      bounds.length = 0
      at = cut(text, at, at + STRIDE, start, bounds)
      for (let i = 0; i < bounds.length; i += 2) {
        const word = new Split(string, bounds[i]!, bounds[i + 1]!)
        words.push(spelling === undefined ? word.text : spellSplit(word, spelling).text)
      }
      yield
    }
  }
  return words
}
