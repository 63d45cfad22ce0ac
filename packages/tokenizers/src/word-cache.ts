/** @file Words already seen: a text is made of few. */
import type { Word } from './models'

const WORDS = 40_000
/** In UTF-16 units; a longer word hardly comes again. */
const LENGTH = 64

/** The tokens of a word; one that covers all of it is kept as its id. */
export type Known = number | Word

export class WordCache {
  private words = new Map<string, Known>()

  get(text: string): Known | undefined {
    return text.length > LENGTH ? undefined : this.words.get(text)
  }

  set(text: string, word: Word): Known {
    const { ids, starts, ends, names } = word
    const whole = ids.length === 1 && starts[0] === 0 && ends[0] === text.length && names === undefined
    const known = whole ? ids[0]! : word
    if (text.length <= LENGTH) {
      if (this.words.size >= WORDS) this.words = new Map()
      this.words.set(ownCopy(text), known)
    }
    return known
  }
}

/** A slice of more than a dozen characters keeps the text alive that it was cut from; a copy does not. */
const ownCopy = (text: string): string => (text.length < 13 ? text : ` ${text}`.slice(1))
