/** @file A compiled model → `model` of a tokenizer.json and the files of a bare vocabulary, a few characters at a time. */
import type { CompiledModel } from '../models'
import type { CompiledBpe } from '../models/bpe'
import { writtenScore } from '../models/scores'
import type { CompiledUnigram } from '../models/unigram'
import { type CompiledVocabulary, Vocabulary } from '../models/vocabulary'
import type { CompiledWordLevel } from '../models/word-level'
import type { CompiledWordPiece } from '../models/word-piece'
import { build } from '../registry'
import { PairIndex } from '../text/pair-index'

type Parts = Generator<string, void>

/** A value as JSON; what is left out is null. */
export const json = (value: unknown): string => JSON.stringify(value ?? null)

/** The items with commas between. */
export function* separated(items: Iterable<string>): Parts {
  let comma = ''
  for (const item of items) {
    yield comma + item
    comma = ','
  }
}

/** Whether the library has such a model; one that SentencePiece runs itself has its own files only. */
export const hasTokenizerJson = (model: CompiledModel): model is JsonModel => model.type !== 'SentencePiece'

export type JsonModel = Exclude<CompiledModel, { type: 'SentencePiece' }>

/** As the Rust library writes it: fields in its order, tokens by id. */
export const modelJson = (model: JsonModel): Parts =>
  build<JsonModel, Parts>('model', model, {
    BPE: bpeJson,
    Unigram: unigramJson,
    WordLevel: wordLevelJson,
    WordPiece: wordPieceJson,
  })

/** The files that older versions of Python read, by name; Unigram has none. */
export const vocabularyFiles = (model: CompiledModel): Record<string, Iterable<BlobPart>> =>
  build<CompiledModel, Record<string, Iterable<BlobPart>>>('model', model, {
    BPE: (bpe) => ({ 'vocab.json': vocabularyJson(bpe.vocabulary), 'merges.txt': mergesTxt(bpe) }),
    SentencePiece: ({ vocabulary, source, target }) => ({
      'vocab.json': vocabularyJson(vocabulary),
      ...(target === undefined
        ? { 'sentencepiece.bpe.model': [source.file] }
        : { 'source.spm': [source.file], 'target.spm': [target.file] }),
    }),
    Unigram: () => ({}),
    WordLevel: ({ vocabulary }) => ({ 'vocab.json': vocabularyJson(vocabulary) }),
    WordPiece: ({ vocabulary }) => ({ 'vocab.txt': vocabularyTxt(vocabulary) }),
  })

function* bpeJson({ options, vocabulary, ...bpe }: CompiledBpe): Parts {
  const { dropout, unk_token, continuing_subword_prefix, end_of_word_suffix } = options
  const { fuse_unk = false, byte_fallback = false, ignore_merges = false } = options
  yield `{"type":"BPE","dropout":${json(dropout)},"unk_token":${json(unk_token)},`
  yield `"continuing_subword_prefix":${json(continuing_subword_prefix)},`
  yield `"end_of_word_suffix":${json(end_of_word_suffix)},"fuse_unk":${json(fuse_unk)},`
  yield `"byte_fallback":${json(byte_fallback)},"ignore_merges":${json(ignore_merges)},"vocab":`
  yield* vocabularyJson(vocabulary)
  yield ',"merges":['
  yield* separated(eachMerge({ vocabulary, ...bpe }, (left, right) => `[${json(left)},${json(right)}]`))
  yield ']}'
}

function* unigramJson({ options, vocabulary, scores }: CompiledUnigram): Parts {
  const { unk_id, byte_fallback = false } = options
  yield `{"type":"Unigram","unk_id":${json(unk_id)},"vocab":[`
  yield* separated(eachToken(vocabulary, (token, id) => `[${json(token)},${writtenScore(scores[id]!)}]`))
  yield `],"byte_fallback":${json(byte_fallback)}}`
}

function* wordLevelJson({ vocabulary, unk_token }: CompiledWordLevel): Parts {
  yield '{"type":"WordLevel","vocab":'
  yield* vocabularyJson(vocabulary)
  yield `,"unk_token":${json(unk_token)}}`
}

function* wordPieceJson({ options, vocabulary }: CompiledWordPiece): Parts {
  const { unk_token, continuing_subword_prefix: prefix = '##', max_input_chars_per_word = 100 } = options
  yield `{"type":"WordPiece","unk_token":${json(unk_token)},"continuing_subword_prefix":${json(prefix)},`
  yield `"max_input_chars_per_word":${max_input_chars_per_word},"vocab":`
  yield* vocabularyJson(vocabulary)
  yield '}'
}

function* vocabularyJson(vocabulary: CompiledVocabulary): Parts {
  yield '{'
  yield* separated(eachToken(vocabulary, (token, id) => `${json(token)}:${id}`))
  yield '}'
}

const vocabularyTxt = (vocabulary: CompiledVocabulary): Parts =>
  eachToken(vocabulary, (token) => `${token}\n`)

function* mergesTxt(bpe: CompiledBpe): Parts {
  yield '#version: 0.2\n'
  yield* eachMerge(bpe, (left, right) => `${left} ${right}\n`)
}

function* eachToken(compiled: CompiledVocabulary, write: (token: string, id: number) => string): Parts {
  for (const [token, id] of new Vocabulary(compiled).entries()) yield write(token, id)
}

/** The merges by rank; of a pair that is there twice, the later one counts. */
function* eachMerge(
  { vocabulary: compiled, merges }: Pick<CompiledBpe, 'vocabulary' | 'merges'>,
  write: (left: string, right: string) => string,
): Parts {
  const vocabulary = new Vocabulary(compiled)
  const index = new PairIndex(merges)
  const { lefts, rights } = merges
  for (let rank = 0; rank < lefts.length; rank++) {
    const [left, right] = [lefts[rank]!, rights[rank]!]
    if (index.find(left, right) === rank) yield write(vocabulary.tokenOf(left)!, vocabulary.tokenOf(right)!)
  }
}
