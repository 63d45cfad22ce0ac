/** @file What a pre-tokenizer is: it cuts a text into words, each a piece that keeps its place in the original. */
import {
  applyBehavior,
  type Behavior,
  characterStretches,
  Split,
  type Stretch,
  splitEach,
  stretches,
} from '../text/split'

export type PreTokenizer = (splits: readonly Split[]) => Split[]

/** Cut each piece at what `find` finds in it. */
const cut =
  (find: (text: string) => Stretch[], behavior: Behavior): PreTokenizer =>
  (splits) =>
    splitEach(splits, ({ string, start: from, text }, add) => {
      for (const { start, end } of applyBehavior(find(text), behavior))
        add(new Split(string, from + start, from + end))
    })

/** Cut at every character a predicate holds for. */
export const cutAtCharacters = (matches: (codePoint: number) => boolean, behavior: Behavior): PreTokenizer =>
  cut((text) => characterStretches(text, matches), behavior)

/** Cut at every match of a global expression, or, inverted, at everything else. */
export const cutAtMatches = (expression: RegExp, behavior: Behavior, invert = false): PreTokenizer =>
  cut((text) => {
    const found = stretches(text, expression)
    return invert ? found.map((stretch) => ({ ...stretch, matched: !stretch.matched })) : found
  }, behavior)
