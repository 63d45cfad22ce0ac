/** @file What a tokenizer's call gives: the inputs of a model, and where every token came from. */
import type { Encoding } from '../encoding'
import { TokenizerError } from '../errors'

/** Whole numbers as a model takes them. */
export interface IntegerTensor {
  dtype: 'int32'
  shape: number[]
  data: Int32Array<ArrayBuffer>
}

/** Where a token's text lies, in UTF-16 units: `text.slice(start, end)`. */
export type Offsets = [start: number, end: number]

/** One text's ids, a batch's, or a tensor. */
export type Ids = number[] | number[][] | IntegerTensor

type Nested<Value extends Ids> = Value extends number[]
  ? Offsets[]
  : Value extends number[][]
    ? Offsets[][]
    : IntegerTensor
type PerRow<Value extends Ids> = Value extends IntegerTensor ? IntegerTensor : number[]

/**
 * The model's inputs, under the names that Python gives them, and methods about the tokens. Only what was asked for is
 * there; the rest is absent. Like `BatchEncoding` in Python.
 */
export class BatchEncoding<Value extends Ids = Ids> {
  declare input_ids: Value
  /** There when the model takes it, or asked for. */
  declare token_type_ids?: Value
  declare attention_mask: Value
  declare special_tokens_mask?: Value
  /** Indices into the JavaScript string, where Python counts code points. */
  declare offset_mapping?: Nested<Value>
  declare length?: PerRow<Value>
  /** For each row, which text of the batch it is a window of. */
  declare overflow_to_sample_mapping?: PerRow<Value>
  readonly #encodings: readonly Encoding[]

  constructor(values: Record<string, unknown>, encodings: readonly Encoding[] = []) {
    this.#encodings = encodings
    Object.assign(this, values)
  }

  /** The tokens of row `row`, as the vocabulary spells them. */
  tokens(row = 0): string[] {
    return [...this.#row(row).tokens]
  }

  /** For each token of a row the word it belongs to, null for special tokens. Like `word_ids`. */
  wordIds(row = 0): (number | null)[] {
    return [...this.#row(row).words]
  }

  /** For each token of a row the text it came from: 0, 1, or null for special tokens. Like `sequence_ids`. */
  sequenceIds(row = 0): (number | null)[] {
    return this.#row(row).sequenceIds()
  }

  /** How many texts a row holds: 1, or 2 for a pair. Like `n_sequences`. */
  get nSequences(): number | null {
    return this.#encodings[0]?.sequences ?? null
  }

  /**
   * The token that covers position `char` of a text, null where none does. Without a row it is the first. Like
   * `char_to_token`.
   * @throws {TokenizerError} when there is no such row, or a position is negative; so do the methods below.
   */
  charToToken(char: number): number | null
  charToToken(row: number, char: number, sequence?: number): number | null
  charToToken(rowOrChar: number, char?: number, sequence = 0): number | null {
    const [encoding, at] = this.#place(rowOrChar, char)
    return encoding.charToToken(at, sequence)
  }

  /** The word that covers position `char` of a text. Like `char_to_word`. */
  charToWord(char: number): number | null
  charToWord(row: number, char: number, sequence?: number): number | null
  charToWord(rowOrChar: number, char?: number, sequence = 0): number | null {
    const [encoding, at] = this.#place(rowOrChar, char)
    const token = encoding.charToToken(at, sequence)
    return token === null ? null : encoding.words[token]!
  }

  /** Where a token's text lies, null for special tokens. Like `token_to_chars`. */
  tokenToChars(token: number): Offsets | null
  tokenToChars(row: number, token: number): Offsets | null
  tokenToChars(rowOrToken: number, token?: number): Offsets | null {
    const [encoding, at] = this.#place(rowOrToken, token)
    if (encoding.sequenceOf(at) === null || at >= encoding.length) return null
    return [encoding.starts[at]!, encoding.ends[at]!]
  }

  /** The word a token belongs to. Like `token_to_word`. */
  tokenToWord(token: number): number | null
  tokenToWord(row: number, token: number): number | null
  tokenToWord(rowOrToken: number, token?: number): number | null {
    const [encoding, at] = this.#place(rowOrToken, token)
    return encoding.words[at] ?? null
  }

  /** The text a token came from. Like `token_to_sequence`. */
  tokenToSequence(token: number): number | null
  tokenToSequence(row: number, token: number): number | null
  tokenToSequence(rowOrToken: number, token?: number): number | null {
    const [encoding, at] = this.#place(rowOrToken, token)
    return encoding.sequenceOf(at)
  }

  /** The tokens of a word: [first, one past the last]. Like `word_to_tokens`. */
  wordToTokens(word: number): Offsets | null
  wordToTokens(row: number, word: number, sequence?: number): Offsets | null
  wordToTokens(rowOrWord: number, word?: number, sequence = 0): Offsets | null {
    const [encoding, at] = this.#place(rowOrWord, word)
    return encoding.wordToTokens(at, sequence)
  }

  /** Where a word's text lies, null where there is no such word, which Python fails on. Like `word_to_chars`. */
  wordToChars(word: number): Offsets | null
  wordToChars(row: number, word: number, sequence?: number): Offsets | null
  wordToChars(rowOrWord: number, word?: number, sequence = 0): Offsets | null {
    const [encoding, at] = this.#place(rowOrWord, word)
    const span = encoding.wordToTokens(at, sequence)
    return span === null ? null : [encoding.starts[span[0]]!, encoding.ends[span[1] - 1]!]
  }

  /** A row and a position in it, of which the row may be left out. */
  #place(rowOrIndex: number, index: number | undefined): [encoding: Encoding, index: number] {
    const [row, at] = index === undefined ? [0, rowOrIndex] : [rowOrIndex, index]
    if (at >= 0) return [this.#row(row), at]
    throw new TokenizerError(`The position is ${at}, but must not be negative: count from the start.`)
  }

  /** Like a list's in Python, a negative number counts rows from the end. */
  #row(row: number): Encoding {
    const encoding = this.#encodings.at(row)
    if (encoding !== undefined) return encoding
    throw new TokenizerError(
      `There is no row ${row}: this encoding knows the tokens of ${this.#encodings.length} rows (none after pad()).`,
    )
  }
}

/**
 * Lists as a tensor.
 * @throws {TokenizerError} when rows differ in length.
 */
export function toTensor(name: string, values: unknown): IntegerTensor {
  const shape: number[] = []
  for (let level = values; Array.isArray(level); level = level[0]) shape.push(level.length)
  const data = new Int32Array(shape.reduce((product, size) => product * size, 1))
  let filled = 0
  const fill = (value: unknown, depth: number): void => {
    if (depth === shape.length) {
      data[filled++] = value as number
      return
    }
    const row = value as unknown[]
    if (row.length !== shape[depth]) {
      throw new TokenizerError(
        `The rows of ${name} have ${shape[depth]} and ${row.length} values, and a tensor needs as many in each. ` +
          'Use padding: true, and truncation: true for texts that are too long.',
      )
    }
    for (const item of row) fill(item, depth + 1)
  }
  fill(values, 0)
  return { dtype: 'int32', shape, data }
}
