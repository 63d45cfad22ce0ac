/** @file Byte-pair encoding: the pair that was merged first in training is merged first here, until none is left. */

import type { Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { byteLetter, encodeBytes, utf8Bytes, utf8Length } from '../text/bytes'
import { type CompiledPairs, PairIndex, PairIndexBuilder } from '../text/pair-index'
import { byteOf, byteToken, byteTokens } from './byte-fallback'
import { mergeAll, SHARED } from './merge'
import { type Model, single, type Word } from './model'
import { compileSeams, cutAtSeams, type Seams } from './seams'
import { Symbols } from './symbols'
import { type CompiledVocabulary, compileVocabulary, Vocabulary } from './vocabulary'

export interface BpeOptions {
  /** Chance with which a merge is left out in training; tokenizing for a model has none. */
  dropout?: number | null
  unk_token?: string | null
  continuing_subword_prefix?: string | null
  end_of_word_suffix?: string | null
  fuse_unk?: boolean
  byte_fallback?: boolean
  /** Whether a word that is a token needs no merges. */
  ignore_merges?: boolean
}

export interface BpeConfig extends BpeOptions {
  type: 'BPE'
  vocab: Record<string, number>
  /** Pairs, the first merged first; files of older versions write them as `"a b"`. */
  merges: readonly (string | readonly [string, string])[]
}

export interface CompiledBpe {
  type: 'BPE'
  options: BpeOptions
  vocabulary: CompiledVocabulary
  /** Pairs of ids by rank. */
  merges: CompiledPairs
  /** The id that the pair of each rank becomes. */
  merged: Int32Array<ArrayBuffer>
  seams?: Seams
}

const STEP = 4096

/** @param bytes whether words come in the byte-level alphabet, in which nearly any two letters have a token. */
export function* compileBpe(
  { type, vocab, merges, ...options }: BpeConfig,
  bytes: boolean,
): Steps<CompiledBpe> {
  const compiled = yield* compileVocabulary(vocab, 'BPE')
  const vocabulary = new Vocabulary(compiled)
  const prefixLength = options.continuing_subword_prefix?.length ?? 0
  const read = yield* compileMerges(merges, vocabulary, prefixLength)
  const result: CompiledBpe = { type, options, vocabulary: compiled, ...read }
  if (bytes || !hasSeams(result, vocabulary)) return result
  const tokens = function* () {
    for (const id of read.merged) yield vocabulary.tokenOf(id)!
  }
  return { ...result, seams: yield* compileSeams(tokens(), read.merged.length) }
}

export function bpe({ options, vocabulary: compiled, merges, merged, seams }: CompiledBpe): Model {
  const { unk_token, fuse_unk = false, byte_fallback = false, ignore_merges = false } = options
  const prefix = options.continuing_subword_prefix ?? ''
  const suffix = options.end_of_word_suffix ?? ''
  const vocabulary = new Vocabulary(compiled)
  const ranks = new PairIndex(merges)
  let symbols = new Symbols()

  const unknownId = (): number => {
    const id = vocabulary.idOf(unk_token!)
    if (id === undefined) {
      throw new TokenizerError(
        `BPE: the vocabulary lacks its own unknown token ${JSON.stringify(unk_token)}.`,
      )
    }
    return id
  }

  /** The first symbols of a word. False where they don't lie as the word's characters do. */
  function spell(word: string): boolean {
    symbols.length = 0
    let unknownEnd = -1
    for (let start = 0, end: number; start < word.length; start = end) {
      end = start + (word.codePointAt(start)! > 0xffff ? 2 : 1)
      const last = end === word.length ? suffix : ''
      const before = start > 0 ? prefix : ''
      const id =
        last === ''
          ? vocabulary.find(word, start, end, before)
          : (vocabulary.idOf(before + word.slice(start, end) + last) ?? -1)
      if (id !== -1) {
        symbols.push(id, start, end)
        continue
      }
      const bytes = byte_fallback && byteTokens(before + word.slice(start, end) + last, vocabulary)
      if (bytes) {
        if (unknownEnd === start || before !== '' || last !== '') return false
        for (const byte of bytes) symbols.push(byte, start, end)
      } else if (unk_token !== undefined && unk_token !== null) {
        if (fuse_unk && unknownEnd === start) symbols.ends[symbols.length - 1] = end
        else symbols.push(unknownId(), start, end)
        unknownEnd = end
      } else return false
    }
    return true
  }

  /**
   * The same wherever they lie: the Rust library knows a symbol's place from the lengths of those before it, in bytes,
   * so that what follows a character left out moves up; and bytes overtake the unknown characters before them.
   */
  function spellMoved(word: string): void {
    symbols.length = 0
    const { starts, ends } = unitsOfBytes(word)
    const final = starts.length - 1
    let at = 0
    const push = (id: number, bytes: number) => {
      symbols.push(id, starts[Math.min(at, final)]!, ends[Math.min(at + bytes - 1, final)]!)
      at += bytes
    }
    let unknownBytes = 0
    const pushUnknown = () => {
      if (unknownBytes > 0) push(unknownId(), unknownBytes)
      unknownBytes = 0
    }
    for (let start = 0, end: number; start < word.length; start = end) {
      const character = String.fromCodePoint(word.codePointAt(start)!)
      end = start + character.length
      const symbol = (start > 0 ? prefix : '') + character + (end === word.length ? suffix : '')
      const length = utf8Length(character)
      const id = vocabulary.idOf(symbol)
      const bytes = id === undefined && byte_fallback ? byteTokens(symbol, vocabulary) : undefined
      if (id !== undefined) {
        pushUnknown()
        push(id, length)
      } else if (bytes) {
        for (const byte of bytes) push(byte, 1)
      } else if (unk_token !== undefined && unk_token !== null) {
        if (!fuse_unk) pushUnknown()
        unknownBytes += length
      }
    }
    pushUnknown()
  }

  function* mergeSymbols(): Steps<Word> {
    const own = symbols
    // While a long word takes a rest, others are spelled.
    if (own.length > SHARED) symbols = new Symbols()
    yield* mergeAll(own, ranks, merged)
    return own.take()
  }

  function* tokenize(word: string): Steps<Word> {
    const whole = ignore_merges ? vocabulary.idOf(word) : undefined
    if (whole !== undefined) return single(whole, word)
    if (!spell(word)) spellMoved(word)
    return yield* mergeSymbols()
  }

  const letters = byteLetters(vocabulary)
  const bytes = new Uint8Array(4)
  function* tokenizeBytes(word: string): Steps<Word> {
    const whole = ignore_merges ? vocabulary.idOf(encodeBytes(word)) : undefined
    if (whole !== undefined) return single(whole, word)
    symbols.length = 0
    for (let start = 0, end: number; start < word.length; start = end) {
      const character = word.codePointAt(start)!
      end = start + (character > 0xffff ? 2 : 1)
      const count = utf8Bytes(character, bytes)
      for (let i = 0; i < count; i++) symbols.push(letters![bytes[i]!]!, start, end)
    }
    return yield* mergeSymbols()
  }

  return {
    size: vocabulary.size,
    tokenize,
    ...(letters && prefix === '' && suffix === '' && { tokenizeBytes }),
    ...(seams &&
      !ignore_merges && { cutAtSeams: (word: string, out: number[]) => cutAtSeams(word, seams, out) }),
    idOf: (token) => vocabulary.idOf(token),
    tokenOf: (id) => vocabulary.tokenOf(id),
    entries: () => vocabulary.entries(),
  }
}

/** The configuration that a compiled model was made of. */
export function bpeConfig({ type, options, vocabulary: compiled, merges }: CompiledBpe): BpeConfig {
  const vocabulary = new Vocabulary(compiled)
  const { lefts, rights } = merges
  return {
    type,
    ...options,
    vocab: Object.fromEntries(vocabulary.entries()),
    merges: Array.from(lefts, (left, rank): [string, string] => [
      vocabulary.tokenOf(left)!,
      vocabulary.tokenOf(rights[rank]!)!,
    ]),
  }
}

/** The ids of the byte-level alphabet by byte, if the vocabulary has all of it. */
function byteLetters(vocabulary: Vocabulary): Int32Array | undefined {
  const ids = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    const id = vocabulary.idOf(byteLetter(byte))
    if (id === undefined) return undefined
    ids[byte] = id
  }
  return ids
}

/** Whether a cut between two characters can be told from the characters alone. */
function hasSeams({ options, merges }: CompiledBpe, vocabulary: Vocabulary): boolean {
  const { unk_token, fuse_unk, byte_fallback, continuing_subword_prefix, end_of_word_suffix } = options
  if (continuing_subword_prefix || end_of_word_suffix) return false
  // Unknown characters join their neighbours: fused with one another, overtaken by bytes, or left out so that the ones
  // around them meet.
  const allBytes = byte_fallback && byteTokensOf(vocabulary) === 256
  if (!allBytes && (byte_fallback || fuse_unk || !unk_token)) return false
  const standIns = new Set<number>()
  if (unk_token) standIns.add(vocabulary.find(unk_token, 0, unk_token.length))
  for (const [token, id] of vocabulary.entries()) if (byteOf(token) !== undefined) standIns.add(id)
  // A merge of what stands for unknown characters joins characters that no token has side by side.
  const { lefts, rights } = merges
  for (let rank = 0; rank < lefts.length; rank++)
    if (standIns.has(lefts[rank]!) || standIns.has(rights[rank]!)) return false
  return true
}

/** For each byte of a text's UTF-8 where the character that it belongs to starts and ends. */
function unitsOfBytes(text: string): { starts: number[]; ends: number[] } {
  const starts: number[] = []
  const ends: number[] = []
  for (let start = 0; start < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(start)!)
    for (let byte = utf8Length(character); byte > 0; byte--) {
      starts.push(start)
      ends.push(start + character.length)
    }
    start += character.length
  }
  return { starts, ends }
}

function byteTokensOf(vocabulary: Vocabulary): number {
  let count = 0
  for (let byte = 0; byte < 256; byte++) if (vocabulary.idOf(byteToken(byte)) !== undefined) count++
  return count
}

function* compileMerges(
  merges: BpeConfig['merges'],
  vocabulary: Vocabulary,
  prefixLength: number,
): Steps<{ merges: CompiledPairs; merged: Int32Array<ArrayBuffer> }> {
  if (!Array.isArray(merges)) {
    throw new TokenizerError(`BPE: "merges" must be a list of pairs, but it is ${typeof merges}.`)
  }
  const ranks = new PairIndexBuilder(merges.length)
  const merged = new Int32Array(merges.length)
  for (const line of merges as BpeConfig['merges']) {
    if (typeof line === 'string' && line.startsWith('#version')) continue
    const rank = ranks.count
    const [left, right] = pairOf(line, rank)
    const [leftId, rightId, joined] = [left, right, left + right.slice(prefixLength)].map((token) => {
      const id = vocabulary.find(token, 0, token.length)
      if (id !== -1) return id
      throw new TokenizerError(
        `BPE: merge ${rank + 1} is ${JSON.stringify([left, right])}, but the vocabulary lacks ${JSON.stringify(token)}.`,
      )
    })
    merged[ranks.add(leftId!, rightId!)] = joined!
    if (rank % STEP === STEP - 1) yield
  }
  return { merges: ranks.done(), merged: merged.slice(0, ranks.count) }
}

function pairOf(line: string | readonly [string, string], rank: number): readonly [string, string] {
  const parts = typeof line === 'string' ? line.split(' ') : line
  const isPair = Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === 'string')
  if (isPair) return parts as unknown as [string, string]
  throw new TokenizerError(
    `BPE: merge ${rank + 1} must be a pair of tokens, but it is ${JSON.stringify(line)}.`,
  )
}
