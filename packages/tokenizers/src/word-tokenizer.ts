/** @file From words to tokens: each is spelled as the model wants it, once, and looked up from then on. */

import type { Steps } from '@webformers/hub'
import type { Model, Word } from './models'
import type { Spelling } from './pre-tokenizers'
import { AlignedString } from './text/aligned-string'
import { type Known, WordCache } from './word-cache'

/** From this many UTF-16 units on it pays to cut a word at its seams. */
const LONG = 24
const STEP = 8192

export class WordTokenizer {
  private readonly plain = new WordCache()
  /** Words that the spelling puts something before. */
  private readonly prefixed = new WordCache()
  /** Parts of words, as they are spelled. */
  private readonly parts = new WordCache()

  constructor(
    private readonly model: Model,
    private readonly spelling: Spelling | undefined,
  ) {}

  /** The tokens of `text[start, end)`, if the word was seen before; `first`: it begins the text. */
  find(text: string, start: number, end: number, first: boolean): Known | undefined {
    return (this.prefixes(text, start, first) ? this.prefixed : this.plain).find(text, start, end)
  }

  /** The tokens of a new word. */
  *tokenize(word: string, first: boolean): Steps<Known> {
    const prefixed = this.prefixes(word, 0, first)
    const tokens = yield* this.spelled(word, prefixed)
    return (prefixed ? this.prefixed : this.plain).set(word, tokens)
  }

  private prefixes(text: string, start: number, first: boolean): boolean {
    return this.spelling?.prefixes(text, start, first) ?? false
  }

  private *spelled(word: string, prefixed: boolean): Steps<Word> {
    const { model, spelling } = this
    if (spelling === undefined) return yield* this.joined(word)
    if (spelling.bytes && model.tokenizeBytes) return yield* model.tokenizeBytes(word)
    const string = spelling.spellWord?.(word, prefixed) ?? spelling.spell(new AlignedString(word), prefixed)
    const { starts, ends, ...tokens } = yield* this.joined(string.text)
    return {
      ...tokens,
      starts: starts.map((start) => string.start(start)),
      ends: ends.map((end) => string.end(end)),
    }
  }

  /** A long word part by part, where its model knows seams. */
  private *joined(text: string): Steps<Word> {
    const { model, parts } = this
    if (text.length < LONG || model.cutAtSeams === undefined) return yield* model.tokenize(text)
    const bounds: number[] = []
    model.cutAtSeams(text, bounds)
    const ids: number[] = []
    const starts: number[] = []
    const ends: number[] = []
    for (let i = 0; i < bounds.length; i += 2) {
      const start = bounds[i]!
      const end = bounds[i + 1]!
      let known = parts.find(text, start, end)
      if (known === undefined) {
        const part = text.slice(start, end)
        known = parts.set(part, yield* model.tokenize(part))
      }
      if (typeof known === 'number') {
        ids.push(known)
        starts.push(start)
        ends.push(end)
      } else {
        for (let token = 0; token < known.ids.length; token++) {
          ids.push(known.ids[token]!)
          starts.push(start + known.starts[token]!)
          ends.push(start + known.ends[token]!)
        }
      }
      if (i % STEP === STEP - 2) yield
    }
    return { ids, starts, ends }
  }
}
