import { createHash } from 'node:crypto'
import { finish } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import { compiled, readJson } from '../../reference/fixtures'
import type { TokenizerJson } from '../tokenizer'
import type { TrainerOptions, WordCounts } from './options'
import { type Trainable, train } from './train'
import { countWords } from './word-counts'

type Entries = [token: string, id: number][]

interface Case extends Pick<TokenizerJson, 'normalizer' | 'pre_tokenizer' | 'model'> {
  vocabSize: number
  specialTokens: string[]
  options: TrainerOptions
  trained: {
    type: Trainable
    size: number
    vocab: Entries | string
    merges?: [string, string][] | string | null
    /** Symbols with a prefix or suffix, in the order of their ids. */
    symbols: string[]
    pieces: [string, number][]
    unsettled: string[]
    unsettled_scores: number[]
    sometimes: string[]
  }
  added: [number, string][]
}

const corpus = readJson<string[]>('training/corpus.json')
const cases = readJson<Case[]>('training/models.json').map((recorded, i) => ({
  ...recorded,
  name: `${i} ${recorded.model.type} ${recorded.vocabSize} ${Object.keys(recorded.options).join(' ')}`,
}))

const special = (content: string) => ({
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
})

const digest = (value: unknown): string => createHash('sha1').update(JSON.stringify(value)).digest('hex')

/** As recorded: whole, or of a large one the digest. */
const like = (recorded: unknown, value: unknown): unknown =>
  typeof recorded === 'string' ? digest(value) : value

const entriesOf = (vocab: Readonly<Record<string, number>>): Entries =>
  Object.entries(vocab).sort(([, a], [, b]) => a - b)

async function trained(
  recorded: Case,
  reorder: (counts: WordCounts) => WordCounts = (counts) => counts,
): Promise<TokenizerJson> {
  const { normalizer, pre_tokenizer, model, vocabSize, specialTokens, options } = recorded
  const json = compiled({ normalizer, pre_tokenizer, model } as TokenizerJson)
  const counts = await countWords(json, corpus, () => {})
  return finish(train(json, reorder(counts), vocabSize, specialTokens.map(special), options, () => {}))
}

/** The words in an order in which their symbols are met in the order of `symbols`. */
function inOrder(counts: WordCounts, symbols: readonly string[], { options, model }: Case): WordCounts {
  const { continuingSubwordPrefix = model.type === 'WordPiece' ? '##' : '', endOfWordSuffix = '' } = options
  const known = new Map(symbols.map((symbol, i) => [symbol, i]))
  let met = 0
  const rest = new Map(counts)
  const result = new Map<string, number>()
  for (let moved = true; moved; ) {
    moved = false
    for (const [word, count] of rest) {
      const characters = [...word]
      let next = met
      const fits = characters.every((character, i) => {
        const symbol =
          (i > 0 ? continuingSubwordPrefix : '') +
          character +
          (i === characters.length - 1 ? endOfWordSuffix : '')
        const place = known.get(symbol)
        if (place === next) next++
        return place === undefined || place < next
      })
      if (!fits) continue
      met = next
      result.set(word, count)
      rest.delete(word)
      moved = true
    }
  }
  expect(rest.size).toBe(0)
  return result
}

const exact = cases.filter(({ model }) => model.type !== 'Unigram')

describe('vocabulary and merges are those of the Rust trainers', () => {
  test.each(exact)('$name', async (recorded) => {
    const { size, vocab, merges, symbols } = recorded.trained
    const { model, added_tokens } = await trained(recorded, (counts) => inOrder(counts, symbols, recorded))
    if (model.type === 'Unigram') throw new Error('not a Unigram')
    const entries = entriesOf(model.vocab)
    expect(entries.length).toBe(size)
    expect(like(vocab, entries)).toEqual(vocab)
    if (model.type === 'BPE') expect(like(merges, model.merges)).toEqual(merges)
    expect(added_tokens!.map(({ id, content }) => [id, content])).toEqual(recorded.added)
    for (const option of ['unk_token', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback'])
      expect(model[option as keyof typeof model]).toEqual(recorded.trained[option as keyof Case['trained']])
  })
})

const probable = cases.filter(({ model }) => model.type === 'Unigram')

describe('pieces and scores are those of the Rust trainer', () => {
  test.each(probable)('$name', async (recorded) => {
    const { pieces, unsettled, unsettled_scores, sometimes, size } = recorded.trained
    const { model, added_tokens } = await trained(recorded)
    if (model.type !== 'Unigram') throw new Error('not a Unigram')
    const scores = new Map(model.vocab)
    expect(model.vocab.length).toBe(size)
    const common = [...pieces.map(([piece]) => piece), ...unsettled]
    expect(common.filter((piece) => !scores.has(piece))).toEqual([])
    expect([...scores.keys()].filter((piece) => ![...common, ...sometimes].includes(piece))).toEqual([])
    const far = pieces.filter(([piece, score]) => !(Math.abs(scores.get(piece)! - score) < 1e-4))
    expect(far).toEqual([])
    const others = unsettled.map((piece) => scores.get(piece)!).sort((a, b) => a - b)
    expect(others.filter((score, i) => !(Math.abs(score - unsettled_scores[i]!) < 1e-4))).toEqual([])
    expect(added_tokens!.map(({ id, content }) => [id, content])).toEqual(recorded.added)
    expect(model.unk_id).toBe((recorded.trained as unknown as { unk_id: number | null }).unk_id)
  })
})
