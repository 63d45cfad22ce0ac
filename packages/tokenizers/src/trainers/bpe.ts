/**
 * @file Byte-pair encoding: merge the most frequent pair of symbols until the vocabulary is full. Vocabulary and merges
 * are those of the Rust library's BpeTrainer, its oddities included.
 */
import type { Steps } from '@webformers/hub'
import { alphabetOf, type SymbolWords, symbolWords, TokenTable } from './alphabet'
import { MergeQueue } from './merge-queue'
import type { Report, TrainerOptions, WordCounts } from './options'
import { PairTable } from './pair-table'

export interface TrainedBpe {
  vocabulary: ReadonlyMap<string, number>
  merges: [left: string, right: string][]
}

/** How many symbols a slice looks at: a millisecond or less. */
const STEP = 4096

/** @param specialTokens come first in the vocabulary. */
export function* trainBpe(
  counts: WordCounts,
  vocabSize: number,
  specialTokens: readonly string[],
  options: TrainerOptions,
  report: Report,
): Steps<TrainedBpe> {
  const { continuingSubwordPrefix: prefix = '', minFrequency = 0, maxTokenLength } = options
  const table = new TokenTable()
  for (const token of specialTokens) table.add(token)
  for (const codePoint of yield* alphabetOf(counts, options)) table.add(String.fromCodePoint(codePoint))

  const words = yield* symbolWords(counts, table, options, (done) => {
    report('Tokenize words', done, counts.size)
  })
  const pairs = new PairTable()
  const queue = new MergeQueue(pairs)
  yield* countPairs(words, pairs, queue, report)

  /** The pair of each merge and, by pair, when it was merged last. */
  const merges: number[] = []
  const ranks = new Map<number, number>()
  let work = 0
  while (table.ids.size < vocabSize) {
    const next = queue.pop(minFrequency)
    if (next === undefined) break
    const { pair } = next
    const left = pairs.lefts.data[pair]!
    const right = pairs.rights.data[pair]!
    const continuation = table.tokens[right]!
    const rest = continuation.startsWith(prefix) ? continuation.slice(prefix.length) : continuation
    const merged = table.add(table.tokens[left]! + rest)
    ranks.set(pair, merges.length)
    merges.push(pair)
    for (const word of next.words) {
      work += words.lengths[word]!
      mergeIn(words, word, left, right, merged, maxTokenLength ?? Number.POSITIVE_INFINITY, pairs, queue)
      if (work > STEP) {
        work = 0
        report('Compute merges', merges.length, vocabSize)
        yield
      }
    }
    queue.flush()
    work += 64
  }
  report('Compute merges', merges.length, merges.length)

  const text = (symbol: number) => table.tokens[symbol]!
  return {
    vocabulary: table.ids,
    merges: merges
      // A pair that was merged twice has the rank of the second time.
      .filter((pair, rank) => ranks.get(pair) === rank)
      .map((pair) => [text(pairs.lefts.data[pair]!), text(pairs.rights.data[pair]!)]),
  }
}

function* countPairs(words: SymbolWords, pairs: PairTable, queue: MergeQueue, report: Report): Steps<void> {
  const { symbols, starts, lengths, counts } = words
  let work = 0
  for (let word = 0; word < starts.length; word++) {
    const start = starts[word]!
    const end = start + lengths[word]!
    for (let i = start + 1; i < end; i++) {
      const pair = pairs.indexOf(symbols[i - 1]!, symbols[i]!)
      pairs.counts[pair]! += counts[word]!
      queue.note(pair, word)
    }
    work += lengths[word]!
    if (work > STEP) {
      work = 0
      report('Count pairs', word, starts.length)
      yield
    }
  }
  queue.flush()
}

/**
 * Replace every `left right` in a word by `merged`, and keep count of its neighbours' pairs. The count of the pair itself
 * stays as it is, and a pair that would be too long is taken away without ever having been added: the library's way.
 */
function mergeIn(
  { symbols, sizes, starts, lengths, counts }: SymbolWords,
  word: number,
  left: number,
  right: number,
  merged: number,
  maxLength: number,
  pairs: PairTable,
  queue: MergeQueue,
): void {
  const start = starts[word]!
  const end = start + lengths[word]!
  const count = counts[word]!
  const remove = (first: number, second: number) => {
    pairs.counts[pairs.indexOf(first, second)]! -= count
  }
  const add = (first: number, second: number) => {
    const pair = pairs.indexOf(first, second)
    pairs.counts[pair]! += count
    queue.note(pair, word)
  }
  let to = start
  for (let from = start; from < end; to++) {
    if (symbols[from] !== left || from + 1 === end || symbols[from + 1] !== right) {
      symbols[to] = symbols[from]!
      sizes[to] = sizes[from]!
      from++
      continue
    }
    const size = sizes[from]! + sizes[from + 1]!
    if (to > start) {
      remove(symbols[to - 1]!, left)
      if (sizes[to - 1]! + size < maxLength) add(symbols[to - 1]!, merged)
    }
    from += 2
    if (from < end) {
      remove(right, symbols[from]!)
      if (sizes[from]! + size < maxLength) add(merged, symbols[from]!)
    }
    symbols[to] = merged
    sizes[to] = size
  }
  lengths[word] = to - start
}
