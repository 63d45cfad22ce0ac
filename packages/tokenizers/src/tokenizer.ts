/** @file The pipeline of a tokenizer.json: normalize, cut into words, tokenize, put special tokens around. */

import type { Steps } from '@webformers/hub'
import { type AddedToken, AddedVocabulary } from './added-vocabulary'
import { createDecoder, type Decoder, type DecoderConfig } from './decoders'
import { Encoding, type Text } from './encoding'
import { type CompiledModel, type Model, type ModelConfig, modelConfig, openModel } from './models'
import { createNormalizer, type NormalizerConfig } from './normalizers'
import { createPostProcessor, type PostProcessor, type PostProcessorConfig } from './post-processors'
import { createPreTokenizer, type PreTokenizer, type PreTokenizerConfig, STRIDE } from './pre-tokenizers'
import { learn, type Translation } from './text/pattern'
import type { Split } from './text/split'
import { type Truncation, truncate } from './truncation'
import { WordTokenizer } from './word-tokenizer'

/** A tokenizer.json, as far as encoding and decoding read it. */
export interface TokenizerJson {
  added_tokens?: (AddedToken & { id: number })[]
  normalizer?: NormalizerConfig | null
  pre_tokenizer?: PreTokenizerConfig | null
  model: ModelConfig
  post_processor?: PostProcessorConfig | null
  decoder?: DecoderConfig | null
}

export type Sequence = Text

export interface EncodeOptions {
  addSpecialTokens: boolean
  splitSpecialTokens: boolean
  truncation?: Truncation
}

/** A tokenizer.json as it is stored and handed over: its model in typed arrays, the rest as it stands. */
export interface CompiledTokenizer extends Omit<TokenizerJson, 'model'> {
  model: CompiledModel
  /** What the regular expressions of its components are in JavaScript. */
  patterns: Readonly<Record<string, Translation>>
}

/** Like `tokenizers.Tokenizer` in Python. */
export class Tokenizer {
  readonly model: Model
  /** The model for source texts. */
  private readonly source: Model
  readonly vocabulary: AddedVocabulary
  private readonly preTokenizer: PreTokenizer
  private readonly postProcessor: PostProcessor | undefined
  private readonly decoder: Decoder | undefined
  private readonly words: WordTokenizer

  /** @throws {TokenizerError} when a component is unknown or malformed. */
  constructor(readonly compiled: CompiledTokenizer) {
    learn(compiled.patterns)
    const { normalizer, pre_tokenizer, post_processor, decoder, added_tokens } = compiled
    this.source = openModel(compiled.model)
    this.model = this.source
    this.vocabulary = new AddedVocabulary(this.model, normalizer ? createNormalizer(normalizer) : undefined)
    this.preTokenizer = createPreTokenizer(pre_tokenizer ?? { type: 'Sequence', pretokenizers: [] })
    this.postProcessor = post_processor ? createPostProcessor(post_processor) : undefined
    this.decoder = decoder ? createDecoder(decoder) : undefined
    this.words = new WordTokenizer(this.model, this.preTokenizer.spelling)
    this.vocabulary.add(added_tokens ?? [])
  }

  /** The same tokenizer, its vocabulary shared, with another post-processor. */
  withPostProcessor(post_processor: PostProcessorConfig): Tokenizer {
    const compiled: CompiledTokenizer = { ...this.compiled, post_processor }
    const postProcessor = createPostProcessor(post_processor)
    return Object.assign(Object.create(Tokenizer.prototype), this, { compiled, postProcessor })
  }

  /** The same tokenizer for source or for target texts, where the model tells them apart. */
  turnedTo(direction: 'source' | 'target'): Tokenizer {
    const model = direction === 'target' ? (this.source.target ?? this.source) : this.source
    if (model === this.model) return this
    const words = new WordTokenizer(model, this.preTokenizer.spelling)
    return Object.assign(Object.create(Tokenizer.prototype), this, { model, words })
  }

  /** The tokenizer.json that makes this tokenizer, added tokens included. */
  toJson(): TokenizerJson {
    const added_tokens = this.vocabulary.tokens.map(([id, token]) => ({ id, ...token }))
    const { model, patterns, ...rest } = this.compiled
    return { ...rest, added_tokens, model: modelConfig(model) }
  }

  /** How many special tokens one text, or a pair, gets. */
  specialTokens(pair: boolean): number {
    return this.postProcessor?.added(pair) ?? 0
  }

  *encode(first: Sequence, second: Sequence | undefined, options: EncodeOptions): Steps<Encoding> {
    const encodings = [yield* this.encodeSequence(first, 0, options)]
    if (second !== undefined) encodings.push(yield* this.encodeSequence(second, 1, options))
    if (options.truncation) {
      const added = options.addSpecialTokens ? this.specialTokens(second !== undefined) : 0
      const maxLength = options.truncation.maxLength - added
      // Rust counts below zero to very many: what has no room for its special tokens stays whole.
      if (maxLength >= 0) truncate(encodings[0]!, encodings[1], { ...options.truncation, maxLength })
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
    if (this.model.spell !== undefined)
      return this.model.spell(tokens, (token) => this.vocabulary.kindOf(token))
    return this.decoder === undefined ? tokens.join(' ') : this.decoder(tokens).join('')
  }

  readonly tokenOf = (id: number): string | undefined =>
    this.vocabulary.contentOf(id) ?? this.model.tokenOf(id) ?? this.model.unknownToken

  /** What an encoding calls a token: where an added one has taken a model's id, its rows are named one by one. */
  private readonly nameOf = (id: number): string | undefined =>
    this.model.tokenOf(id) ?? this.vocabulary.contentOf(id)

  private *encodeSequence(sequence: Sequence, typeId: number, options: EncodeOptions): Steps<Encoding> {
    const encoding = new Encoding(this.nameOf, sequence)
    if (typeof sequence === 'string') yield* this.encodeText(sequence, undefined, encoding, options)
    else {
      for (let word = 0; word < sequence.length; word++)
        yield* this.encodeText(sequence[word]!, word, encoding, options)
    }
    encoding.are({ typeId, specialToken: 0, attention: 1 })
    return encoding
  }

  /** Add a text's tokens to `encoding`; they belong to `word`, or to the word the pre-tokenizer found them in. */
  private *encodeText(
    text: string,
    word: number | undefined,
    encoding: Encoding,
    options: EncodeOptions,
  ): Steps<void> {
    const pieces = yield* this.vocabulary.extract(wellFormed(text), options.splitSpecialTokens)
    yield
    let index = 0
    for (const split of this.preTokenizer.before(pieces)) {
      if (split.id !== undefined) {
        const { string, start, end, id } = split
        if (split.text !== this.nameOf(id)) encoding.name(new Map([[0, split.text]]))
        encoding.ids.push(id)
        encoding.words.push(word ?? index++)
        encoding.starts.push(string.start(start))
        encoding.ends.push(string.end(end))
      } else {
        index = yield* this.encodePiece(split, word, index, encoding)
      }
    }
  }

  /** @param index the number of the piece's first word; @returns that of the first word after it. */
  private *encodePiece(
    { string, start: base, text }: Split,
    word: number | undefined,
    index: number,
    encoding: Encoding,
  ): Steps<number> {
    const { cut } = this.preTokenizer
    const bounds: number[] = []
    let next = index
    for (let at = 0; at < text.length; ) {
      bounds.length = 0
      at = cut(text, at, at + STRIDE, 0, bounds)
      for (let i = 0; i < bounds.length; i += 2) {
        const start = bounds[i]!
        const end = bounds[i + 1]!
        const first = string.start(base + start) === 0
        const known =
          this.words.find(text, start, end, first) ??
          (yield* this.words.tokenize(text.slice(start, end), first))
        encoding.addWord(known, end - start, word ?? next, string, base + start)
        next++
      }
      yield
    }
    return next
  }

  private postProcess(encodings: Encoding[], addSpecialTokens: boolean): Encoding {
    encodings.forEach((encoding, sequence) => {
      if (this.postProcessor === undefined && encodings.length === 1) return
      encoding.setSequence(sequence)
      if (this.postProcessor === undefined) return
      for (const window of encoding.overflowing) window.setSequence(sequence)
      encoding.become({ typeId: sequence })
    })
    return joinAll(this.postProcessor?.process(encodings, addSpecialTokens) ?? encodings)
  }
}

/** The parts as one; none of them is of use afterwards. */
function joinAll([first, second, ...others]: readonly Encoding[]): Encoding {
  if (second === undefined) return first!
  // What a special token comes before is not copied.
  const whole = first!.overflowing.length === 0 && first!.length < second.length ? second : first!
  if (whole === second) whole.prepend(first!)
  else whole.append(second)
  for (const other of others) whole.append(other)
  return whole
}

/** Rust knows no lone surrogates. */
const wellFormed = (text: string): string =>
  /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Cs}/gu, '\ufffd') : text
