/**
 * @file Unigram: begin with all substrings worth having, estimate how probable each is, drop the least useful, and so on
 * until the vocabulary has its size. The steps are those of the Rust library's UnigramTrainer.
 */

import type { Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { firstCodePoints } from './code-points'
import { expectedCounts, keepPieces, type Lattice, type Pieces, UNKNOWN } from './lattice'
import type { Report, TrainerOptions, WordCounts } from './options'
import { prune } from './prune'
import { type Seeds, seedPieces } from './seed-pieces'
import { below, sorted } from './sort'
import { SEPARATOR } from './substrings'

export interface TrainedUnigram {
  vocab: [piece: string, score: number][]
  unkId: number | null
}

/** A yield every so many pieces. */
const STEP = 2048
/** A piece expected less often than this is dropped. */
const LEAST_EXPECTED = 0.5
/** By how much each required character that is no piece is better than the one before. */
const REQUIRED_DELTA = 0.0001
/** How much larger than asked for the vocabulary is before the last cut. */
const desiredSize = (vocabSize: number) => Math.floor((vocabSize * 11) / 10)

/**
 * @param specialTokens come first in the vocabulary.
 * @throws {TokenizerError} when the vocabulary can't hold all characters, or pruning would never end.
 */
export function* trainUnigram(
  counts: WordCounts,
  vocabSize: number,
  specialTokens: readonly string[],
  options: TrainerOptions,
  report: Report,
): Steps<TrainedUnigram> {
  const {
    maxPieceLength = 16,
    shrinkingFactor = 0.75,
    nSubIterations = 2,
    seedSize = 1_000_000,
    unkToken,
  } = options
  if (!(shrinkingFactor < 1)) {
    throw new TokenizerError(
      `shrinkingFactor is ${shrinkingFactor}, but must be less than 1, or the vocabulary never shrinks.`,
    )
  }
  report('Suffix array seeds', 0, counts.size)
  const seeds = yield* seedPieces(counts, maxPieceLength, seedSize)
  report('Suffix array seeds', counts.size, counts.size)
  const required = requiredCharacters(seeds, options)
  if (required.length > vocabSize) {
    throw new TokenizerError(
      `vocabSize is ${vocabSize}, but the texts have ${required.length} different characters, and each needs a token.`,
    )
  }

  const { corpus, lattice } = seeds
  let { pieces } = seeds
  const desired = desiredSize(vocabSize)
  const rounds = Math.trunc(Math.log(desired / pieces.scores.length) / Math.log(shrinkingFactor)) + 1
  const updates = Math.max(rounds, 1) * nSubIterations
  let update = 0
  for (;;) {
    for (let i = 0; i < nSubIterations; i++) {
      report('EM training', Math.min(update++, updates), updates)
      const expected = yield* expectedCounts(corpus, pieces, lattice)
      pieces = yield* likelier(pieces, expected, lattice)
    }
    if (pieces.scores.length <= desired) break
    const size = Math.max(desired, Math.trunc(pieces.scores.length * shrinkingFactor))
    const kept = yield* prune(corpus, pieces, lattice, size)
    pieces = yield* selected(pieces, Int32Array.from(kept), lattice)
  }
  report('EM training', updates, updates)
  return yield* finalized(seeds, pieces, required, vocabSize, specialTokens, unkToken)
}

/** Scores from expected counts; the prior that digamma stands for favours few pieces. */
function* likelier(pieces: Pieces, expected: Float64Array, lattice: Lattice): Steps<Pieces> {
  const kept: number[] = [UNKNOWN]
  let sum = 0
  for (let piece = 1; piece < expected.length; piece++) {
    if (expected[piece]! < LEAST_EXPECTED) continue
    kept.push(piece)
    sum += expected[piece]!
  }
  yield
  const result = yield* selected(pieces, Int32Array.from(kept), lattice)
  const logSum = digamma(sum)
  for (let piece = 1; piece < kept.length; piece++) {
    result.scores[piece] = digamma(expected[kept[piece]!]!) - logSum
    if (piece % STEP === 0) yield
  }
  return result
}

/** The pieces `kept`, in that order. */
function* selected(pieces: Pieces, kept: Int32Array, lattice: Lattice): Steps<Pieces> {
  const renumbered = new Int32Array(pieces.scores.length).fill(-1)
  for (let piece = 0; piece < kept.length; piece++) renumbered[kept[piece]!] = piece
  yield* keepPieces(lattice, renumbered)
  const result: Pieces = {
    places: kept.map((piece) => pieces.places[piece]!),
    lengths: kept.map((piece) => pieces.lengths[piece]!),
    scores: new Float64Array(kept.length),
  }
  yield
  for (let piece = 0; piece < kept.length; piece++) result.scores[piece] = pieces.scores[kept[piece]!]!
  return result
}

function digamma(value: number): number {
  let x = value
  let result = 0
  for (; x < 7; x++) result -= 1 / x
  x -= 1 / 2
  const xx = 1 / x
  const xx2 = xx * xx
  const xx4 = xx2 * xx2
  return (
    result +
    (Math.log(x) + (1 / 24) * xx2 - (7 / 960) * xx4 + (31 / 8064) * xx4 * xx2 - (127 / 30720) * xx4 * xx4)
  )
}

/** The characters that must be tokens, the rarest first. The library takes them in any order. */
function requiredCharacters(
  { characters, frequencies }: Seeds,
  { initialAlphabet = [] }: TrainerOptions,
): number[] {
  const found = new Map<number, number>()
  for (const codePoint of firstCodePoints(initialAlphabet)) found.set(codePoint, 0)
  for (const [symbol, codePoint] of characters.entries()) {
    if (frequencies[symbol]! > 0) found.set(codePoint, frequencies[symbol]!)
  }
  return [...found].sort(([a, first], [b, second]) => first - second || a - b).map(([codePoint]) => codePoint)
}

/** What training calls the unknown piece; no piece of the result is called so. */
const TRAINED_UNKNOWN = '<UNK>'

function* finalized(
  { corpus, characters }: Seeds,
  { places, lengths, scores }: Pieces,
  required: readonly number[],
  vocabSize: number,
  specialTokens: readonly string[],
  unkToken: string | undefined,
): Steps<TrainedUnigram> {
  const ofCharacter = new Map<number, number>()
  let least = Number.POSITIVE_INFINITY
  for (let piece = 1; piece < scores.length; piece++) {
    least = Math.min(least, scores[piece]!)
    const symbol = corpus.text[places[piece]!]!
    if (lengths[piece] === 1 && symbol !== SEPARATOR) ofCharacter.set(characters[symbol]!, piece)
  }
  const found: [piece: string, score: number][] = []
  let penalty = 0
  for (const codePoint of required) {
    const piece = ofCharacter.get(codePoint)
    found.push([String.fromCodePoint(codePoint), piece === undefined ? least + penalty : scores[piece]!])
    if (piece === undefined) penalty += REQUIRED_DELTA
  }
  const known = unkToken === undefined ? -1 : specialTokens.indexOf(unkToken)
  const addsUnknown = unkToken !== undefined && known === -1
  const first = addsUnknown ? [unkToken, ...specialTokens] : specialTokens
  for (let piece = 1; piece < scores.length; piece++) {
    if (piece % STEP === 0) yield
    if (lengths[piece] === 1) continue
    const symbols = corpus.text.subarray(places[piece]!, places[piece]! + lengths[piece]!)
    const text = Array.from(symbols, (symbol) => String.fromCodePoint(characters[symbol]!)).join('')
    if (text === TRAINED_UNKNOWN) continue
    found.push([text, scores[piece]!])
    // Where the required characters alone fill the vocabulary, the library never cuts it off.
    if (found.length === vocabSize - first.length) break
  }
  const order = yield* sorted(below(found.length), (a, b) => found[b]![1] - found[a]![1])
  const vocab: [string, number][] = first.map((token) => [token, 0])
  for (const index of order) vocab.push(found[index]!)
  return { vocab, unkId: unkToken === undefined ? null : Math.max(known, 0) }
}
