/** @file A mark in what is generated that a reader does not see and a detector finds: some tokens, drawn anew at each step, score more. */
import { mersenneTwister, permutation } from '../mersenne-twister'
import { largest } from '../numeric'
import { type LogitsProcessor, perRow } from './processor'

/** Python's `WatermarkingConfig`. */
export interface Watermarking {
  readonly greenlist_ratio: number
  readonly bias: number
  readonly hashing_key: number
  readonly seeding_scheme: 'lefthash' | 'selfhash'
  readonly context_width: number
}

const TABLE = 1_000_003
/** How many of the likeliest tokens are tried where a token helps to draw its own list. */
const TRIES = 40

/** Like `WatermarkLogitsProcessor`: the same tokens are marked, so Python's `WatermarkDetector` finds them. */
export function watermark(config: Watermarking, vocabulary: number): LogitsProcessor {
  const { hashing_key, context_width, seeding_scheme } = config
  const size = Math.trunc(vocabulary * config.greenlist_ratio)
  const bias = Math.fround(config.bias)
  const marked = (seed: bigint) =>
    permutation(vocabulary, mersenneTwister(Number(BigInt.asUintN(32, seed))), size)
  const key = BigInt(hashing_key)

  const table = seeding_scheme === 'selfhash' ? permutation(TABLE, mersenneTwister(hashing_key)) : undefined
  const hashed = (token: number) => BigInt(table![token % TABLE]! + 1)
  const selfSeed = (sequence: Int32Array) => {
    const last = hashed(sequence.at(-1)!)
    const products = Array.from(sequence.slice(-context_width), (token) =>
      BigInt.asIntN(64, key * hashed(token) * last),
    )
    const [least] = products.sort((a, b) => (a < b ? -1 : 1)) as [bigint]
    return least < 0n ? least + 2n ** 64n - 1n : least % (2n ** 64n - 1n)
  }
  const selfMarked = (sequence: Int32Array, scores: Float32Array) =>
    largest(scores, TRIES).filter((token) =>
      marked(selfSeed(Int32Array.of(...sequence, token))).includes(token),
    )

  return perRow((scores, sequence) => {
    if (sequence.length < context_width) return
    const green = table ? selfMarked(sequence, scores) : marked(key * BigInt(sequence.at(-1)!))
    for (const token of green) scores[token] = scores[token]! + bias
  })
}
