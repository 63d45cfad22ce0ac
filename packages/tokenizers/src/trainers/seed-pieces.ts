/** @file What Unigram training begins with: every character, and the substrings that cover most of the corpus. */
import type { Steps } from '@webformers/hub'
import { codePoints } from './code-points'
import { Int32List } from './int32-list'
import type { Corpus, Lattice, Pieces } from './lattice'
import type { WordCounts } from './options'
import { below, sorted } from './sort'
import { branchingSubstrings, type Level, SEPARATOR } from './substrings'

const STEP = 0x3fff

export interface Seeds {
  corpus: Corpus
  pieces: Pieces
  lattice: Lattice
  /** The code point of each symbol; the separator stands for itself. */
  characters: number[]
  /** How often each symbol occurs; the separator only where a text has U+0000. */
  frequencies: Float64Array
}

/** @param seedSize how many pieces there are at most. */
export function* seedPieces(words: WordCounts, maxLength: number, seedSize: number): Steps<Seeds> {
  const { corpus, characters } = yield* readWords(words)
  const { text } = corpus
  const levels = yield* branchingSubstrings(text, characters.length, maxLength)
  const substrings = yield* rankSubstrings(text, levels)
  const frequencies = yield* symbolFrequencies(corpus, characters.length)

  const symbols = [...frequencies.keys()].filter((symbol) => symbol !== SEPARATOR && frequencies[symbol]! > 0)
  symbols.sort((a, b) => frequencies[b]! - frequencies[a]! || b - a)
  const room = Math.max(seedSize - symbols.length, 1)
  const chosen = substrings.order.subarray(0, room)
  const size = 1 + symbols.length + chosen.length
  const pieces: Pieces = {
    places: new Int32Array(size),
    lengths: new Int32Array(size).fill(1),
    scores: new Float64Array(size).fill(Number.NaN),
  }
  /** The piece of each symbol, and of each substring. */
  const ofSymbol = new Int32Array(characters.length).fill(-1)
  const ofSubstring = new Int32Array(substrings.order.length).fill(-1)
  for (const [i, symbol] of symbols.entries()) {
    ofSymbol[symbol] = i + 1
    pieces.scores[i + 1] = frequencies[symbol]!
  }
  for (let i = 0; i < chosen.length; i++) {
    const piece = 1 + symbols.length + i
    const substring = chosen[i]!
    ofSubstring[substring] = piece
    pieces.places[piece] = substrings.places[substring]!
    pieces.lengths[piece] = substrings.lengths[substring]!
    pieces.scores[piece] = substrings.counts[substring]! * substrings.lengths[substring]!
    if ((i & STEP) === STEP) yield
  }
  const lattice = yield* buildLattice(text, levels, ofSymbol, ofSubstring, pieces)
  let sum = 0
  for (let piece = 1; piece < size; piece++) sum += pieces.scores[piece]!
  const logSum = Math.log(sum)
  for (let piece = 1; piece < size; piece++) pieces.scores[piece] = Math.log(pieces.scores[piece]!) - logSum
  return { corpus, pieces, lattice, characters, frequencies }
}

/** Number the characters in the order of their code points, and write the words in these numbers. */
function* readWords(words: WordCounts): Steps<{ corpus: Corpus; characters: number[] }> {
  const text = new Int32List()
  const starts = new Int32List(words.size + 1)
  const found = new Set<number>([SEPARATOR])
  let work = 0
  for (const word of words.keys()) {
    starts.push(text.length)
    for (const codePoint of codePoints(word)) {
      text.push(codePoint)
      found.add(codePoint)
    }
    text.push(SEPARATOR)
    work += word.length
    if (work > STEP) {
      work = 0
      yield
    }
  }
  starts.push(text.length)
  const characters = [...found].sort((a, b) => a - b)
  const symbols = new Map(characters.map((codePoint, symbol) => [codePoint, symbol]))
  for (let i = 0; i < text.length; i++) {
    text.data[i] = symbols.get(text.data[i]!)!
    if ((i & STEP) === STEP) yield
  }
  const corpus: Corpus = {
    text: text.data.slice(0, text.length),
    starts: starts.data.slice(0, starts.length),
    counts: Float64Array.from(words.values()),
  }
  return { corpus, characters }
}

function* symbolFrequencies({ text, starts, counts }: Corpus, symbols: number): Steps<Float64Array> {
  const result = new Float64Array(symbols)
  let work = 0
  for (let word = 0; word + 1 < starts.length; word++) {
    const end = starts[word + 1]! - 1
    for (let i = starts[word]!; i < end; i++) result[text[i]!]! += counts[word]!
    work += end - starts[word]!
    if (work > STEP) {
      work = 0
      yield
    }
  }
  return result
}

interface Substrings {
  places: Int32Array
  lengths: Int32Array
  counts: Int32Array
  /** By what they cover, the most first; of equals the one that sorts last. */
  order: Int32Array
}

function* rankSubstrings(text: Int32Array, levels: readonly Level[]): Steps<Substrings> {
  const size = levels.reduce((sum, level) => sum + level.counts.length, 0)
  const places = new Int32Array(size)
  const lengths = new Int32Array(size)
  const counts = new Int32Array(size)
  let substring = 0
  for (const level of levels) {
    let occurrence = 0
    for (const count of level.counts) {
      places[substring] = level.positions[occurrence]!
      lengths[substring] = level.length
      counts[substring] = count
      occurrence += count
      if ((++substring & STEP) === STEP) yield
    }
  }
  const order = yield* sorted(below(size), (a, b) => {
    const difference = counts[b]! * lengths[b]! - counts[a]! * lengths[a]!
    if (difference !== 0) return difference
    const length = Math.min(lengths[a]!, lengths[b]!)
    for (let i = 0; i < length; i++) {
      const symbols = text[places[b]! + i]! - text[places[a]! + i]!
      if (symbols !== 0) return symbols
    }
    return lengths[b]! - lengths[a]!
  })
  return { places, lengths, counts, order }
}

/** At each place the pieces that begin there: its character, then the substrings, which come by length already. */
function* buildLattice(
  text: Int32Array,
  levels: readonly Level[],
  ofSymbol: Int32Array,
  ofSubstring: Int32Array,
  pieces: Pieces,
): Steps<Lattice> {
  const { length } = text
  const firsts = new Int32Array(length + 2)
  const each = function* (visit: (place: number, piece: number) => void): Steps<void> {
    for (let place = 0; place < length; place++) {
      const piece = ofSymbol[text[place]!]!
      if (piece !== -1) visit(place, piece)
      if ((place & STEP) === STEP) yield
    }
    let substring = 0
    for (const { counts, positions } of levels) {
      let at = 0
      for (const count of counts) {
        const piece = ofSubstring[substring++]!
        const end = at + count
        if (piece === -1) at = end
        for (; at < end; at++) {
          visit(positions[at]!, piece)
          if ((at & STEP) === STEP) yield
        }
      }
    }
  }
  yield* each((place) => {
    firsts[place + 2]!++
  })
  for (let place = 2; place < firsts.length; place++) {
    firsts[place]! += firsts[place - 1]!
    if ((place & STEP) === STEP) yield
  }
  const edges = new Int32Array(firsts[length + 1]!)
  // Filling moves each place's end to where it belongs.
  yield* each((place, piece) => {
    edges[firsts[place + 1]!++] = piece
    if (pieces.lengths[piece] === 1) pieces.places[piece] = place
  })
  return { firsts: firsts.subarray(0, length + 1), edges }
}
