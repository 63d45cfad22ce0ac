/** @file Unigram: of all ways to cut a word into pieces, the one whose scores add up to the most. */
import { TokenizerError } from '../errors'
import type { Steps } from '../steps'
import { PairMap } from '../text/pair-map'
import { byteTokens } from './byte-fallback'
import { cached, type Model, Vocabulary, type Word } from './model'

export interface UnigramConfig {
  type: 'Unigram'
  /** Pieces with their log probabilities; a piece's place is its id. */
  vocab: readonly (readonly [string, number])[]
  unk_id?: number | null
  byte_fallback?: boolean
}

/** How much worse than the worst piece an unknown character is. */
const UNKNOWN_PENALTY = 10
const STEP = 4096

export function* unigram({ vocab, unk_id, byte_fallback = false }: UnigramConfig): Steps<Model> {
  const { vocabulary, scores, trie } = yield* readPieces(vocab)
  const unknown = unk_id ?? undefined
  if (unknown !== undefined && unknown >= vocab.length) {
    throw new TokenizerError(`Unigram: unk_id is ${unknown}, but the vocabulary has ${vocab.length} pieces.`)
  }
  const unknownScore =
    scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - UNKNOWN_PENALTY

  /** Viterbi: for each position, the best last piece of a path that ends there. */
  const bestPieces = (word: string): { froms: Int32Array; pieces: Int32Array } => {
    const { length } = word
    const best = new Float64Array(length + 1)
    const froms = new Int32Array(length + 1).fill(-1)
    const pieces = new Int32Array(length + 1)
    const offer = (from: number, to: number, piece: number, score: number) => {
      if (froms[to] !== -1 && score <= best[to]!) return
      best[to] = score
      froms[to] = from
      pieces[to] = piece
    }
    for (let start = 0, next: number; start < length; start = next) {
      next = start + (word.codePointAt(start)! > 0xffff ? 2 : 1)
      const sofar = best[start]!
      let single = false
      for (let node = 0, end = start; end < length; ) {
        node = trie.child(node, word.charCodeAt(end++))
        if (node === -1) break
        const piece = trie.pieceAt(node)
        if (piece === -1) continue
        offer(start, end, piece, scores[piece]! + sofar)
        if (end === next) single = true
      }
      if (single) continue
      if (unknown === undefined) {
        throw new TokenizerError(
          `Unigram: ${JSON.stringify(word)} has an unknown character, but the model has no unk_id.`,
        )
      }
      offer(start, next, unknown, unknownScore + sofar)
    }
    return { froms, pieces }
  }

  const tokenize = (word: string): Word => {
    const { froms, pieces } = bestPieces(word)
    const cuts: { start: number; end: number; unknown: boolean }[] = []
    for (let end = word.length; end > 0; end = froms[end]!) {
      const start = froms[end]!
      const isUnknown = pieces[end] === unknown
      const last = cuts.at(-1)
      // Neighbouring unknowns are one token.
      if (isUnknown && last?.unknown) last.start = start
      else cuts.push({ start, end, unknown: isUnknown })
    }
    const ids: number[] = []
    const tokens: string[] = []
    const starts: number[] = []
    const ends: number[] = []
    for (const { start, end } of cuts.reverse()) {
      const text = word.slice(start, end)
      const id = vocabulary.idOf(text)
      const bytes = id === undefined && byte_fallback ? byteTokens(text, vocabulary) : undefined
      for (const symbol of bytes ?? [id ?? unknown!]) {
        ids.push(symbol)
        tokens.push(bytes === undefined ? text : vocabulary.tokenOf(symbol)!)
        starts.push(start)
        ends.push(end)
      }
    }
    return { ids, tokens, starts, ends }
  }

  return {
    size: vocab.length,
    tokenize: cached(tokenize),
    idOf: (token) => vocabulary.idOf(token),
    tokenOf: (id) => vocab[id]?.[0],
    tokens: () => vocabulary.tokens(),
  }
}

function* readPieces(
  vocab: UnigramConfig['vocab'],
): Steps<{ vocabulary: Vocabulary; scores: Float64Array; trie: Trie }> {
  if (!Array.isArray(vocab)) throw new TokenizerError('Unigram: "vocab" must be a list of pieces and scores.')
  const vocabulary = new Vocabulary()
  const scores = new Float64Array(vocab.length)
  const trie = new Trie(vocab.length)
  for (const [id, entry] of (vocab as UnigramConfig['vocab']).entries()) {
    const [piece, score] = entry
    if (typeof piece !== 'string' || typeof score !== 'number') {
      throw new TokenizerError(
        `Unigram: piece ${id} must be a text and a score, but it is ${JSON.stringify(entry)}.`,
      )
    }
    vocabulary.set(piece, id)
    scores[id] = score
    trie.add(piece, id)
    if (id % STEP === STEP - 1) yield
  }
  return { vocabulary, scores, trie }
}

/** Pieces by their UTF-16 units; node 0 is the root. */
class Trie {
  private readonly edges: PairMap
  private readonly pieces: number[] = [-1]

  constructor(expected: number) {
    this.edges = new PairMap(expected * 3)
  }

  add(piece: string, id: number): void {
    let node = 0
    for (let i = 0; i < piece.length; i++) {
      const unit = piece.charCodeAt(i)
      let child = this.edges.get(node, unit)
      if (child === -1) {
        child = this.pieces.length
        this.pieces.push(-1)
        this.edges.set(node, unit, child)
      }
      node = child
    }
    if (node !== 0) this.pieces[node] = id
  }

  child(node: number, unit: number): number {
    return this.edges.get(node, unit)
  }

  /** The piece that ends at a node, −1 where none does. */
  pieceAt(node: number): number {
    return this.pieces[node]!
  }
}
