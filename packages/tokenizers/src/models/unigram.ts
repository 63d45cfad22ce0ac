/** @file Unigram: of all ways to cut a word into pieces, the one whose scores add up to the most. */

import type { Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { type CompiledPairs, PairIndex, PairIndexBuilder } from '../text/pair-index'
import { byteTokens } from './byte-fallback'
import type { Model, Word } from './model'
import { readScore } from './scores'
import { type CompiledVocabulary, compileTokens, Vocabulary } from './vocabulary'

export interface UnigramConfig {
  type: 'Unigram'
  /** Pieces with their log probabilities; a piece's place is its id. */
  vocab: readonly (readonly [string, number])[]
  unk_id?: number | null
  byte_fallback?: boolean
  /** An unknown character's, where all is reckoned in single precision, as SentencePiece itself does it. */
  unknown_score?: number
}

export interface CompiledUnigram {
  type: 'Unigram'
  options: Pick<UnigramConfig, 'unk_id' | 'byte_fallback' | 'unknown_score'>
  vocabulary: CompiledVocabulary
  scores: Float64Array<ArrayBuffer>
  /** Pieces by their UTF-16 units: edge n leads from a node (0 is the root) over a unit to node n + 1. */
  edges: CompiledPairs
  /** The piece that ends with each edge, −1 where none does. */
  pieces: Int32Array<ArrayBuffer>
}

/** Words up to this length share the columns of their paths; none of them takes a rest in between. */
const SHORT = 256

const pathsOf = (length: number, single: boolean) => ({
  sums: single ? new Float32Array(length + 1) : new Float64Array(length + 1),
  froms: new Int32Array(length + 1),
  best: new Int32Array(length + 1),
})

/** How much worse than the worst piece an unknown character is. */
export const UNKNOWN_PENALTY = 10
const STEP = 4096

/** @param exact whether the scores have not been through JSON, where the library reads them less exactly. */
export function* compileUnigram(
  { type, vocab, ...options }: UnigramConfig,
  exact: boolean,
): Steps<CompiledUnigram> {
  const { unk_id } = options
  if (!Array.isArray(vocab)) throw new TokenizerError('Unigram: "vocab" must be a list of pieces and scores.')
  if (unk_id !== undefined && unk_id !== null && !(unk_id >= 0 && unk_id < vocab.length))
    throw new TokenizerError(`Unigram: unk_id is ${unk_id}, but the vocabulary has ${vocab.length} pieces.`)
  const tokens: string[] = []
  const scores = new Float64Array(vocab.length)
  const edges = new PairIndexBuilder(vocab.length * 2)
  let pieces = new Int32Array(vocab.length * 2).fill(-1)
  for (const [id, entry] of (vocab as UnigramConfig['vocab']).entries()) {
    const [piece, score] = Array.isArray(entry) ? entry : []
    if (typeof piece !== 'string' || typeof score !== 'number') {
      throw new TokenizerError(
        `Unigram: piece ${id} must be a text and a score, but it is ${JSON.stringify(entry)}.`,
      )
    }
    tokens.push(piece)
    scores[id] = exact ? score : readScore(score)
    let node = 0
    for (let i = 0; i < piece.length; i++) {
      const unit = piece.charCodeAt(i)
      const edge = edges.find(node, unit)
      node = 1 + (edge === -1 ? edges.add(node, unit) : edge)
    }
    if (edges.count > pieces.length) {
      const larger = new Int32Array(edges.count * 2).fill(-1)
      larger.set(pieces)
      pieces = larger
    }
    if (node > 0) pieces[node - 1] = id
    if (id % STEP === STEP - 1) yield
  }
  return {
    type,
    options,
    vocabulary: yield* compileTokens(tokens),
    scores,
    edges: edges.done(),
    pieces: pieces.slice(0, edges.count),
  }
}

export function unigram({ options, vocabulary: compiled, scores, edges, pieces }: CompiledUnigram): Model {
  const { byte_fallback = false } = options
  const unknown = options.unk_id ?? -1
  const vocabulary = new Vocabulary(compiled)
  const trie = new PairIndex(edges)
  const worst = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY)
  const isSingle = options.unknown_score !== undefined
  const unknownScore = options.unknown_score ?? worst - UNKNOWN_PENALTY

  const add = isSingle ? (a: number, b: number) => Math.fround(a + b) : (a: number, b: number) => a + b

  const scratch = pathsOf(SHORT, isSingle)

  /** Viterbi: for each position, where the best last piece of a path to it begins, and which it is. */
  function* bestPieces(word: string): Steps<{ froms: Int32Array; best: Int32Array }> {
    const { length } = word
    const { sums, froms, best } = length < SHORT ? scratch : pathsOf(length, isSingle)
    froms.fill(-1, 0, length + 1)
    let pause = STEP
    for (let start = 0, next: number; start < length; start = next) {
      next = start + (word.codePointAt(start)! > 0xffff ? 2 : 1)
      const sofar = sums[start]!
      let single = false
      for (let node = 0, end = start; end < length; ) {
        const edge = trie.find(node, word.charCodeAt(end++))
        if (edge === -1) break
        node = edge + 1
        const piece = pieces[edge]!
        if (piece === -1) continue
        const sum = add(scores[piece]!, sofar)
        if (froms[end] === -1 || sum > sums[end]!) {
          sums[end] = sum
          froms[end] = start
          best[end] = piece
        }
        if (end === next) single = true
      }
      if (single) continue
      const sum = add(unknownScore, sofar)
      if (froms[next] === -1 || sum > sums[next]!) {
        if (unknown === -1) {
          throw new TokenizerError(
            `Unigram: ${JSON.stringify(word.slice(start, next))} is an unknown character, but the model has no unk_id.`,
          )
        }
        sums[next] = sum
        froms[next] = start
        best[next] = unknown
      }
      if (start > pause) {
        pause += STEP
        yield
      }
    }
    return { froms, best }
  }

  function* tokenize(word: string): Steps<Word> {
    const { froms, best } = yield* bestPieces(word)
    const ends: number[] = []
    const starts: number[] = []
    let wasUnknown = false
    for (let end = word.length; end > 0; end = froms[end]!) {
      const start = froms[end]!
      // Neighbouring unknowns are one token.
      if (best[end] === unknown && wasUnknown) starts[starts.length - 1] = start
      else {
        starts.push(start)
        ends.push(end)
      }
      wasUnknown = best[end] === unknown
    }
    const result = { ids: [] as number[], starts: [] as number[], ends: [] as number[] }
    const names = new Map<number, string>()
    for (let i = starts.length - 1; i >= 0; i--) {
      const start = starts[i]!
      const end = ends[i]!
      const id = vocabulary.find(word, start, end)
      const bytes = id === -1 && byte_fallback ? byteTokens(word.slice(start, end), vocabulary) : undefined
      if (id === -1 && bytes === undefined) names.set(result.ids.length, word.slice(start, end))
      for (const symbol of bytes ?? [id === -1 ? unknown : id]) {
        result.ids.push(symbol)
        result.starts.push(start)
        result.ends.push(end)
      }
    }
    return names.size === 0 ? result : { ...result, names }
  }

  return {
    size: vocabulary.size,
    get repeated() {
      return vocabulary.repeated
    },
    tokenize,
    idOf: (token) => vocabulary.idOf(token),
    tokenOf: (id) => vocabulary.tokenOf(id),
    entries: () => vocabulary.entries(),
  }
}

/** The configuration that a compiled model was made of. */
export function unigramConfig({ type, options, vocabulary, scores }: CompiledUnigram): UnigramConfig {
  const entries = new Vocabulary(vocabulary).entries()
  return { type, ...options, vocab: Array.from(entries, ([piece, id]) => [piece, scores[id]!] as const) }
}
