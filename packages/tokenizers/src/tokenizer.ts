/** @file The pipeline of a tokenizer.json: normalize, cut into words, tokenize, put special tokens around. */
import { type AddedToken, AddedVocabulary } from './added-vocabulary'
import { createDecoder, type Decoder, type DecoderConfig } from './decoders'
import { Encoding } from './encoding'
import { TokenizerError } from './errors'
import { createModel, type Model, type ModelConfig } from './models'
import { createNormalizer, type NormalizerConfig } from './normalizers'
import { createPostProcessor, type PostProcessor, type PostProcessorConfig } from './post-processors'
import { createPreTokenizer, type PreTokenizer, type PreTokenizerConfig } from './pre-tokenizers'
import type { Steps } from './steps'
import { type Truncation, truncate } from './truncation'

/** A tokenizer.json, as far as encoding and decoding read it. */
export interface TokenizerJson {
  added_tokens?: (AddedToken & { id: number })[]
  normalizer?: NormalizerConfig | null
  pre_tokenizer?: PreTokenizerConfig | null
  model: ModelConfig
  post_processor?: PostProcessorConfig | null
  decoder?: DecoderConfig | null
}

/** A text, or one that is cut into words already. */
export type Sequence = string | readonly string[]

export interface EncodeOptions {
  addSpecialTokens: boolean
  splitSpecialTokens: boolean
  truncation?: Truncation
}

/** Like `tokenizers.Tokenizer` in Python. */
export class Tokenizer {
  private constructor(
    readonly model: Model,
    readonly vocabulary: AddedVocabulary,
    private readonly preTokenizer: PreTokenizer | undefined,
    private readonly postProcessor: PostProcessor | undefined,
    private readonly decoder: Decoder | undefined,
  ) {}

  /** @throws {TokenizerError} when a component is missing, unknown or malformed. */
  static *from(json: TokenizerJson): Steps<Tokenizer> {
    if (json?.model === undefined || json.model === null)
      throw new TokenizerError('The tokenizer.json has no "model".')
    const normalizer = json.normalizer ? createNormalizer(json.normalizer) : undefined
    const preTokenizer = json.pre_tokenizer ? createPreTokenizer(json.pre_tokenizer) : undefined
    const postProcessor = json.post_processor ? createPostProcessor(json.post_processor) : undefined
    const decoder = json.decoder ? createDecoder(json.decoder) : undefined
    const model = yield* createModel(json.model)
    const vocabulary = new AddedVocabulary(model, normalizer ?? ((string) => string))
    vocabulary.add(json.added_tokens ?? [])
    return new Tokenizer(model, vocabulary, preTokenizer, postProcessor, decoder)
  }

  /** How many special tokens one text, or a pair, gets. */
  specialTokens(pair: boolean): number {
    return this.postProcessor?.added(pair) ?? 0
  }

  encode(first: Sequence, second: Sequence | undefined, options: EncodeOptions): Encoding {
    const encodings = [this.encodeSequence(first, 0, options)]
    if (second !== undefined) encodings.push(this.encodeSequence(second, 1, options))
    if (options.truncation) {
      const added = options.addSpecialTokens ? this.specialTokens(second !== undefined) : 0
      const { maxLength } = options.truncation
      if (maxLength < added) {
        throw new TokenizerError(`maxLength is ${maxLength}, but the special tokens alone are ${added}.`)
      }
      truncate(encodings[0]!, encodings[1], { ...options.truncation, maxLength: maxLength - added })
    }
    return this.postProcess(encodings, options.addSpecialTokens)
  }

  /** @param skipSpecialTokens leave out what is special. */
  decode(ids: Iterable<number>, skipSpecialTokens: boolean): string {
    const tokens: string[] = []
    for (const id of ids) {
      const token = this.tokenOf(id)
      if (token !== undefined && !(skipSpecialTokens && this.vocabulary.isSpecial(token))) tokens.push(token)
    }
    return this.join(tokens)
  }

  /** The text that `tokens` spell. */
  join(tokens: string[]): string {
    return this.decoder === undefined ? tokens.join(' ') : this.decoder(tokens).join('')
  }

  tokenOf(id: number): string | undefined {
    return this.vocabulary.contentOf(id) ?? this.model.tokenOf(id)
  }

  private encodeSequence(sequence: Sequence, typeId: number, options: EncodeOptions): Encoding {
    const encoding = new Encoding()
    const words = typeof sequence === 'string' ? [sequence] : sequence
    words.forEach((text, i) => {
      this.encodeText(text, typeof sequence === 'string' ? undefined : i, encoding, options)
    })
    encoding.typeIds = encoding.ids.map(() => typeId)
    encoding.specialTokensMask = encoding.ids.map(() => 0)
    encoding.attentionMask = encoding.ids.map(() => 1)
    return encoding
  }

  /** Add a text's tokens to `encoding`; they belong to `word`, or to the word the pre-tokenizer found them in. */
  private encodeText(
    text: string,
    word: number | undefined,
    encoding: Encoding,
    options: EncodeOptions,
  ): void {
    const pieces = this.vocabulary.extract(wellFormed(text), options.splitSpecialTokens)
    const splits = this.preTokenizer === undefined ? pieces : this.preTokenizer(pieces)
    const { ids, tokens, words, starts, ends } = encoding
    splits.forEach((split, index) => {
      const { string, start, text: surface } = split
      if (split.id !== undefined) {
        ids.push(split.id)
        tokens.push(surface)
        words.push(word ?? index)
        starts.push(string.start(start))
        ends.push(string.end(split.end))
        return
      }
      const found = this.model.tokenize(surface)
      for (let i = 0; i < found.ids.length; i++) {
        ids.push(found.ids[i]!)
        tokens.push(found.tokens[i]!)
        words.push(word ?? index)
        starts.push(string.start(start + found.starts[i]!))
        ends.push(string.end(start + found.ends[i]!))
      }
    })
  }

  private postProcess(encodings: Encoding[], addSpecialTokens: boolean): Encoding {
    encodings.forEach((encoding, sequence) => {
      if (this.postProcessor === undefined && encodings.length === 1) return
      encoding.setSequence(sequence)
      if (this.postProcessor === undefined) return
      for (const window of encoding.overflowing) window.setSequence(sequence)
      encoding.typeIds.fill(sequence)
    })
    const [first, ...others] = this.postProcessor?.process(encodings, addSpecialTokens) ?? encodings
    for (const other of others) first!.append(other)
    return first!
  }
}

/** Rust knows no lone surrogates. */
const wellFormed = (text: string): string =>
  /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Cs}/gu, '\ufffd') : text
