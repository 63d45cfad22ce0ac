/** @file What a model is: it turns one word into tokens. */
import { TokenizerError } from '../errors'
import type { Steps } from '../steps'

/** The tokens of one word; `starts` and `ends` are UTF-16 positions in it. Shared from a cache: never written to. */
export interface Word {
  readonly ids: readonly number[]
  readonly tokens: readonly string[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

export interface Model {
  /** How many tokens it knows, added ones not counted. */
  readonly size: number
  tokenize(word: string): Word
  idOf(token: string): number | undefined
  tokenOf(id: number): string | undefined
  tokens(): Iterable<string>
}

/** How many entries of a vocabulary a step takes: a few milliseconds. */
const STEP = 8192

/** Token ↔ id. */
export class Vocabulary {
  private readonly ids = new Map<string, number>()
  private readonly names: string[] = []

  static *from(entries: Readonly<Record<string, number>>, model: string): Steps<Vocabulary> {
    if (typeof entries !== 'object' || entries === null) {
      throw new TokenizerError(
        `${model}: "vocab" must be an object of tokens and ids, but it is ${String(entries)}.`,
      )
    }
    const vocabulary = new Vocabulary()
    let count = 0
    for (const token in entries) {
      const id = entries[token]!
      if (!Number.isInteger(id) || id < 0) {
        throw new TokenizerError(
          `${model}: the id of ${JSON.stringify(token)} must be a whole number, but it is ${id}.`,
        )
      }
      vocabulary.set(token, id)
      if (++count % STEP === 0) yield
    }
    return vocabulary
  }

  get size(): number {
    return this.ids.size
  }

  set(token: string, id: number): void {
    this.ids.set(token, id)
    this.names[id] = token
  }

  idOf(token: string): number | undefined {
    return this.ids.get(token)
  }

  tokenOf(id: number): string | undefined {
    return this.names[id]
  }

  tokens(): Iterable<string> {
    return this.ids.keys()
  }
}

const CACHED_WORDS = 20_000
const CACHED_LENGTH = 256

/** Remember the words already seen: a text is made of few. */
export function cached(tokenize: (word: string) => Word): (word: string) => Word {
  let seen = new Map<string, Word>()
  return (word) => {
    let result = seen.get(word)
    if (result === undefined) {
      result = tokenize(word)
      if (word.length <= CACHED_LENGTH) {
        if (seen.size >= CACHED_WORDS) seen = new Map()
        seen.set(word, result)
      }
    }
    return result
  }
}
