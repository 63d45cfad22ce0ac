/** @file tiktoken's rank files: a token in base64 and its rank a line, as the encoder of Llama 3 comes. */
import { TokenizerError } from '../errors'
import type { ModelConfig } from '../models'
import { contentOf } from '../pretrained/special-tokens'
import { alphabet } from '../text/bytes'
import type { TokenizerJson } from '../tokenizer'
import { BYTE_LEVEL_DECODER, byteLevel, UNTRIMMED } from './byte-level'
import type { Merge } from './merges'
import { bytesOf } from './sentence-piece'
import { numbered } from './token-ids'
import type { Context } from './tokenizer-class'

const LINE = /^([A-Za-z0-9+/]+={0,2}) (\d+)$/
/** A first line is shorter than this. */
const HEAD = 512
const PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

/** Whether a `tokenizer.model` holds ranks rather than SentencePiece's pieces. */
export function holdsRanks(bytes: Uint8Array): boolean {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD))
  return LINE.test(head.split(/\r?\n/, 1)[0]!)
}

/** @throws {TokenizerError} when a line is no token and rank. */
export function fromRanks({ files, config }: Context): TokenizerJson {
  const ranks = readRanks(bytesOf(files, 'tokenizer.model'))
  const vocab: Record<string, number> = Object.fromEntries(
    Array.from(ranks, ([token, rank]) => [visible(token), rank]),
  )
  const match = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const special = (config.additional_special_tokens ?? []).map((token) => ({
    content: contentOf(token),
    ...match,
  }))
  const model: ModelConfig = {
    type: 'BPE',
    fuse_unk: false,
    ignore_merges: true,
    vocab,
    merges: mergesOf(ranks),
  }
  return {
    added_tokens: numbered(model, special),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: PATTERN }, behavior: 'Isolated', invert: false },
        byteLevel(false, false),
      ],
    },
    model,
    post_processor: UNTRIMMED,
    decoder: BYTE_LEVEL_DECODER,
  }
}

/** Tokens as strings of bytes, each with its rank. */
function readRanks(bytes: Uint8Array): Map<string, number> {
  const ranks = new Map<string, number>()
  const lines = new TextDecoder('latin1').decode(bytes).split(/\r?\n/)
  lines.forEach((line, i) => {
    if (line === '') return
    const [, token, rank] = LINE.exec(line) ?? []
    if (token === undefined) {
      throw new TokenizerError(
        `tokenizer.model: line ${i + 1} must be a token in base64 and its rank, but it is ${JSON.stringify(line.slice(0, 80))}.`,
      )
    }
    ranks.set(atob(token), Number(rank))
  })
  return ranks
}

/** Bytes in the visible alphabet of byte-level encoding. */
function visible(bytes: string): string {
  let result = ''
  for (let i = 0; i < bytes.length; i++) result += alphabet[bytes.charCodeAt(i)]!
  return result
}

/** Every pair of tokens that makes a token, in the order of its rank, then of its parts'. */
function mergesOf(ranks: ReadonlyMap<string, number>): Merge[] {
  const merges: Merge[] = []
  for (const [token] of [...ranks].sort(([, a], [, b]) => a - b)) {
    const found: { merge: Merge; left: number; right: number }[] = []
    for (let at = 1; at < token.length; at++) {
      const first = token.slice(0, at)
      const left = ranks.get(first)
      if (left === undefined) continue
      const second = token.slice(at)
      const right = ranks.get(second)
      if (right !== undefined) found.push({ merge: [visible(first), visible(second)], left, right })
    }
    found.sort((a, b) => a.left - b.left || a.right - b.right)
    for (const { merge } of found) merges.push(merge)
  }
  return merges
}
