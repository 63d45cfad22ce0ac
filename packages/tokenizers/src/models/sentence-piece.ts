/** @file SentencePiece as itself, where Python has no other form of it: texts go in as they are, ids are another vocabulary's. */

import type { Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { sentencePieceNormalizer } from '../normalizers/sentence-piece'
import { byteToken } from './byte-fallback'
import type { Model, Word } from './model'
import { sentencePieceBpe } from './sentence-piece-bpe'
import { pieceJoiner, type Spelling, speller } from './sentence-piece-decoding'
import { type CompiledProcessor, compileProcessor } from './sentence-piece-processor'
import { unigram } from './unigram'
import { type CompiledVocabulary, compileVocabulary, Vocabulary } from './vocabulary'

export interface SentencePieceConfig {
  type: 'SentencePiece'
  vocab: Readonly<Record<string, number>>
  unk_token: string
  /** The model's file. */
  source: Uint8Array<ArrayBuffer>
  /** The file of the model for what a translation should be, where it is another one; translations are read by it. */
  target?: Uint8Array<ArrayBuffer>
  /** Tokens that a text never holds, with the ids behind the vocabulary: languages. */
  languages?: readonly string[]
  spelling: Spelling
}

export interface CompiledSentencePiece extends Omit<SentencePieceConfig, 'vocab' | 'source' | 'target'> {
  vocabulary: CompiledVocabulary
  source: CompiledProcessor
  target?: CompiledProcessor
}

/** @throws {TokenizerError} when a file is no SentencePiece model, or the vocabulary lacks the unknown token. */
export function* compileSentencePiece({
  vocab,
  source,
  target,
  ...options
}: SentencePieceConfig): Steps<CompiledSentencePiece> {
  const compiled = yield* compileVocabulary(vocab, 'SentencePiece')
  const vocabulary = new Vocabulary(compiled)
  if (vocabulary.idOf(options.unk_token) === undefined)
    throw new TokenizerError(`vocab.json lacks the unknown token ${JSON.stringify(options.unk_token)}.`)
  return {
    ...options,
    vocabulary: compiled,
    source: yield* compileProcessor(source, vocabulary),
    ...(target && { target: yield* compileProcessor(target, vocabulary) }),
  }
}

export function sentencePiece(compiled: CompiledSentencePiece): Model {
  const { languages = [], spelling, source, target } = compiled
  const vocabulary = new Vocabulary(compiled.vocabulary)
  const { size } = vocabulary
  const unknown = vocabulary.idOf(compiled.unk_token)!
  const languageIds = new Map(languages.map((token, i) => [token, size + i]))
  const shared: Omit<Model, 'tokenize'> = {
    size,
    idOf: (token) => vocabulary.idOf(token),
    reservedId: (token) => languageIds.get(token),
    tokenOf: (id) => vocabulary.tokenOf(id) ?? languages[id - size],
    unknownToken: compiled.unk_token,
    entries: () => vocabulary.entries(),
    spell: speller(pieceJoiner(target ?? source), spelling, size),
  }
  const direction = (processor: CompiledProcessor): Model => ({
    ...shared,
    tokenize: tokenizerOf(processor, vocabulary, unknown, spelling),
  })
  return { ...direction(source), ...(target && { target: direction(target) }) }
}

/** A language code that a text may begin with. */
const LANGUAGE_CODE = /^>>.*?<</s

function tokenizerOf(
  processor: CompiledProcessor,
  vocabulary: Vocabulary,
  unknown: number,
  { languageCodes }: Spelling,
): (text: string) => Steps<Word> {
  const encode = encoderOf(processor, vocabulary)
  return function* (text) {
    const code = languageCodes ? (LANGUAGE_CODE.exec(text)?.[0] ?? '') : ''
    const rows = yield* encode(text.slice(code.length), code.length)
    if (code !== '') rows.unshift({ text: code, id: vocabulary.idOf(code), start: 0, end: code.length })
    const names = rows.flatMap((row, i) => (row.id === undefined ? [[i, row.text] as const] : []))
    return {
      ids: rows.map(({ id }) => id ?? unknown),
      starts: rows.map(({ start }) => start),
      ends: rows.map(({ end }) => end),
      ...(names.length > 0 && { names: new Map(names) }),
    }
  }
}

/** A piece that SentencePiece gives, with its id where the tokenizer's vocabulary has it. */
interface Row {
  text: string
  id: number | undefined
  start: number
  end: number
}

const encoder = new TextEncoder()

function encoderOf(
  { pieces, ids, normalization, symbols, byteFallback }: CompiledProcessor,
  vocabulary: Vocabulary,
): (text: string, offset: number) => Steps<Row[]> {
  const symbolAt = symbolFinder(symbols)
  const normalize = sentencePieceNormalizer(normalization, symbolAt)
  const cut = pieces.type === 'Unigram' ? unigram(pieces).tokenize : sentencePieceBpe(pieces, symbolAt)
  const isKnown = (id: number) => id !== -1 && !(pieces.type === 'Unigram' && id === pieces.options.unk_id)
  return function* (source, offset) {
    const { text, starts, ends } = yield* normalize(source)
    const word = yield* cut(text)
    const rows: Row[] = []
    for (let i = 0, first: number; i < word.ids.length; i++) {
      first = i
      const known = isKnown(word.ids[i]!)
      // Neighbouring unknowns are one token.
      if (!known && !byteFallback) while (i + 1 < word.ids.length && !isKnown(word.ids[i + 1]!)) i++
      const piece = text.slice(word.starts[first]!, word.ends[i]!)
      const place = {
        start: offset + starts[word.starts[first]!]!,
        end: offset + ends[word.ends[i]! - 1]!,
      }
      const push = (token: string, id = vocabulary.idOf(token)) => rows.push({ text: token, id, ...place })
      if (known) push(piece, ids[word.ids[i]!] === -1 ? undefined : ids[word.ids[i]!])
      else if (byteFallback) for (const byte of encoder.encode(piece)) push(byteToken(byte))
      else push(piece)
    }
    return rows
  }
}

/** How long the longest of the symbols is that a text goes on with, 0 where it does with none. */
function symbolFinder(symbols: readonly string[]): (text: string, at: number) => number {
  const sorted = [...symbols].sort((a, b) => b.length - a.length)
  if (sorted.length === 0) return () => 0
  return (text, at) => sorted.find((symbol) => text.startsWith(symbol, at))?.length ?? 0
}

/** The configuration that a compiled model was made of. */
export function sentencePieceConfig({
  vocabulary,
  source,
  target,
  ...options
}: CompiledSentencePiece): SentencePieceConfig {
  const vocab = Object.fromEntries(new Vocabulary(vocabulary).entries())
  return { ...options, vocab, source: source.file, ...(target && { target: target.file }) }
}
