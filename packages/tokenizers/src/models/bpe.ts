/** @file Byte-pair encoding: the pair that was merged first in training is merged first here, until none is left. */
import { TokenizerError } from '../errors'
import type { Steps } from '../steps'
import { PairMap } from '../text/pair-map'
import { byteTokens } from './byte-fallback'
import { mergeAll } from './merge'
import { cached, type Model, Vocabulary, type Word } from './model'

export interface BpeConfig {
  type: 'BPE'
  vocab: Record<string, number>
  /** Pairs, the first merged first; files of older versions write them as `"a b"`. */
  merges: readonly (string | readonly [string, string])[]
  unk_token?: string | null
  continuing_subword_prefix?: string | null
  end_of_word_suffix?: string | null
  fuse_unk?: boolean
  byte_fallback?: boolean
  /** Whether a word that is a token needs no merges. */
  ignore_merges?: boolean
}

const STEP = 4096

export function* bpe(config: BpeConfig): Steps<Model> {
  const { unk_token, fuse_unk = false, byte_fallback = false, ignore_merges = false } = config
  const prefix = config.continuing_subword_prefix ?? ''
  const suffix = config.end_of_word_suffix ?? ''
  const vocabulary = yield* Vocabulary.from(config.vocab, 'BPE')
  const { ranks, merged } = yield* readMerges(config.merges, vocabulary, prefix.length)

  const unknownId = (): number => {
    const id = vocabulary.idOf(unk_token!)
    if (id === undefined) {
      throw new TokenizerError(
        `BPE: the vocabulary lacks its own unknown token ${JSON.stringify(unk_token)}.`,
      )
    }
    return id
  }

  const tokenize = (word: string): Word => {
    const whole = ignore_merges ? vocabulary.idOf(word) : undefined
    if (whole !== undefined) return { ids: [whole], tokens: [word], starts: [0], ends: [word.length] }

    const ids: number[] = []
    const starts: number[] = []
    const ends: number[] = []
    let unknownEnd = -1
    for (let start = 0, end: number; start < word.length; start = end) {
      end = start + (word.codePointAt(start)! > 0xffff ? 2 : 1)
      const character =
        (start > 0 ? prefix : '') + word.slice(start, end) + (end === word.length ? suffix : '')
      const id = vocabulary.idOf(character)
      const known = id === undefined ? byte_fallback && byteTokens(character, vocabulary) : [id]
      if (known) {
        for (const symbol of known) {
          ids.push(symbol)
          starts.push(start)
          ends.push(end)
        }
      } else if (unk_token !== undefined && unk_token !== null) {
        if (fuse_unk && unknownEnd === start) {
          ends[ends.length - 1] = end
        } else {
          ids.push(unknownId())
          starts.push(start)
          ends.push(end)
        }
        unknownEnd = end
      }
    }
    return mergeAll(ids, starts, ends, ranks, merged, (id) => vocabulary.tokenOf(id)!)
  }

  return {
    size: vocabulary.size,
    tokenize: cached(tokenize),
    idOf: (token) => vocabulary.idOf(token),
    tokenOf: (id) => vocabulary.tokenOf(id),
    tokens: () => vocabulary.tokens(),
  }
}

/** The rank of each pair of ids, and the id that the pair of each rank becomes. */
function* readMerges(
  merges: BpeConfig['merges'],
  vocabulary: Vocabulary,
  prefixLength: number,
): Steps<{ ranks: PairMap; merged: Int32Array }> {
  if (!Array.isArray(merges)) throw new TokenizerError('BPE: "merges" must be a list of pairs.')
  const ranks = new PairMap(merges.length)
  const merged = new Int32Array(merges.length)
  let rank = 0
  for (const line of merges as BpeConfig['merges']) {
    if (typeof line === 'string' && line.startsWith('#version')) continue
    const [left, right] = pairOf(line, rank)
    const ids = [left, right, left + right.slice(prefixLength)].map((token) => {
      const id = vocabulary.idOf(token)
      if (id !== undefined) return id
      throw new TokenizerError(
        `BPE: merge ${rank + 1} is ${JSON.stringify([left, right])}, but the vocabulary lacks ${JSON.stringify(token)}.`,
      )
    })
    ranks.set(ids[0]!, ids[1]!, rank)
    merged[rank++] = ids[2]!
    if (rank % STEP === 0) yield
  }
  return { ranks, merged }
}

function pairOf(line: string | readonly [string, string], rank: number): readonly [string, string] {
  const parts = typeof line === 'string' ? line.split(' ') : line
  if (Array.isArray(parts) && parts.length === 2) return parts as unknown as [string, string]
  throw new TokenizerError(
    `BPE: merge ${rank + 1} must be a pair of tokens, but it is ${JSON.stringify(line)}.`,
  )
}
