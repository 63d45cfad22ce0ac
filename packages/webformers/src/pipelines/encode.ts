/** @file Texts as the rows of a batch: one for a text, several for a long one read in windows. */
import type { BatchEncoding, CallOptions, PreTrainedTokenizer } from '@webformers/tokenizers'

/** Two texts that are judged together; named as in Python. */
export interface TextPair {
  text: string
  text_pair: string
}

/** One row of a batch, not padded: a text, a pair of texts, or one window of them. */
export class Row {
  readonly ids: readonly number[]
  /** What the model reads: `input_ids` and the masks beside them. */
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly #encoding: BatchEncoding
  readonly #index: number

  constructor(encoding: BatchEncoding<number[][]>, index: number) {
    this.ids = encoding.input_ids[index]!
    const { input_ids, token_type_ids, attention_mask } = encoding
    const given = Object.entries({ input_ids, token_type_ids, attention_mask })
    this.inputs = Object.fromEntries(given.flatMap(([name, rows]) => (rows ? [[name, rows[index]!]] : [])))
    this.#encoding = encoding
    this.#index = index
  }

  /** For each token the text it came from: 0, 1, or null for tokens that were put around. */
  get sequences(): (number | null)[] {
    return this.#encoding.sequenceIds(this.#index)
  }

  /** For each token the word it belongs to, null where the tokenizer knows none. */
  get words(): (number | null)[] {
    return this.#encoding.wordIds(this.#index)
  }

  /** For each token where it stands in its text, in UTF-16 code units. */
  get offsets(): [start: number, end: number][] {
    return this.ids.map((_, token) => this.#encoding.tokenToChars(this.#index, token) ?? [0, 0])
  }
}

/** The rows of one text or pair, with the page's other work in between where there are many, or it is long. */
export async function encode(
  { tokenizer, signal }: { tokenizer: PreTrainedTokenizer; signal?: AbortSignal },
  text: string | TextPair,
  options: CallOptions,
): Promise<Row[]> {
  const pair = typeof text === 'string' ? undefined : text.text_pair
  const first = typeof text === 'string' ? text : text.text
  const textPair = pair === undefined ? undefined : [pair]
  const encoding = await tokenizer.callAsync([first], { ...options, textPair, signal })
  return encoding.input_ids.map((_, index) => new Row(encoding, index))
}
