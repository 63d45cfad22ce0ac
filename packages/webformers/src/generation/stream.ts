/** @file `model.stream()`: what is generated, as it comes. */
import type { Repository } from '@webformers/hub'
import type { DecodeOptions, DecodeStream, PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { ModelInputs } from '../inputs'
import type { Programs } from '../programs'
import type { GenerateOptions } from './call'
import { generate } from './generate'
import type { SpeechGenerateOptions } from './whisper/options'

type Unstreamed = 'streamer' | 'returnDictInGenerate' | 'tokenizer'
/** Of a model of speech those that only it has, too. */
export type StreamOptions = Omit<GenerateOptions, Unstreamed> | Omit<SpeechGenerateOptions, Unstreamed>
export type TextStreamOptions = StreamOptions & TextOptions
interface TextOptions extends DecodeOptions {
  /** Makes text of the tokens. */
  tokenizer: PreTrainedTokenizer
}

/** See `ModelGeneration.stream`. */
export async function* stream(
  model: Programs,
  repository: Repository,
  inputs: ModelInputs,
  options: StreamOptions | TextStreamOptions,
): AsyncGenerator<Int32Array | string, void> {
  const { skipSpecialTokens = true, cleanUpTokenizationSpaces, ...rest } = options as TextStreamOptions
  const { tokenizer, signal } = rest
  const text = tokenizer?.decodeStream({ skipSpecialTokens, cleanUpTokenizationSpaces })
  const left = new AbortController()
  const coming = new Queue<Told>()
  const generating = generate(
    model,
    repository,
    inputs,
    { ...rest, signal: AbortSignal.any([left.signal, ...(signal ? [signal] : [])]) },
    (tokens, rows) => coming.add({ tokens, rows }),
  )
  generating.then(
    () => coming.end(),
    (error) => coming.end(error),
  )
  try {
    for await (const told of coming) {
      if (text) yield* pieces(text, told)
      else yield told.tokens
    }
    const last = text?.flush()
    if (last) yield last
  } finally {
    left.abort()
  }
}

/** @throws {OptionError} when there are tokens of several texts */
function* pieces(text: DecodeStream, { tokens, rows }: Told): Generator<string> {
  if (rows > 1)
    throw new OptionError(
      `Texts of ${rows} prompts can't be told apart in one stream. Stream them one by one, or without a tokenizer.`,
    )
  for (const token of tokens) {
    const piece = text.step(token)
    if (piece) yield piece
  }
}

/** Tokens that were chosen, and how many rows there are. */
interface Told {
  readonly tokens: Int32Array
  readonly rows: number
}

/** What comes before it is asked for waits. */
export class Queue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = []
  #over: { readonly error?: unknown } | undefined
  #wake: () => void = () => {}

  add(item: T) {
    this.#waiting.push(item)
    this.#wake()
  }
  end(error?: unknown) {
    this.#over = { error }
    this.#wake()
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.shift()!
      if (this.#over) break
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#over.error !== undefined) throw this.#over.error
  }
}
