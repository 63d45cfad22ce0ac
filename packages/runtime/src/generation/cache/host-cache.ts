/** @file Keys and values in memory beside onnxruntime's, on WASM. */
import type { CacheEntry } from '@webformers/graph'
import type { Session } from '../../session'
import { arrayOf, type PlainTensor, type PlainTensors, sizeOf } from '../../tensor'
import type { Cache, Remembered } from './cache'

export class HostCache implements Cache {
  length = 0
  readonly #entries: readonly CacheEntry[]
  #past: PlainTensors
  #encoded: PlainTensors
  #beginnings: PlainTensors

  constructor(
    entries: readonly CacheEntry[],
    encoded: PlainTensors,
    { past, beginnings, length }: Remembered & { readonly length: number },
  ) {
    this.#entries = entries
    this.#past = past
    this.#beginnings = beginnings
    this.#encoded = encoded
    this.length = length
  }

  async run(session: Session, feeds: PlainTensors, outputs: readonly string[], added: number) {
    const presents = this.#entries.map(({ present }) => present!)
    const results = await session.run({ ...feeds, ...this.#past, ...this.#encoded }, [
      ...outputs,
      ...presents,
    ])
    const before = lengthOf(this.#past)
    this.#past = Object.fromEntries(this.#entries.map(({ past, present }) => [past, results[present!]!]))
    // A run may have taken several steps.
    this.length += before === undefined ? added : lengthOf(this.#past)! - before
    return Object.fromEntries(outputs.map((name) => [name, results[name]!]))
  }

  reorder(rows: readonly number[]) {
    this.#past = mapTensors(this.#past, (x) => rowsOf(x, rows))
    this.#beginnings = mapTensors(this.#beginnings, (x) => rowsOf(x, rows))
    this.#encoded = mapTensors(this.#encoded, (x) => rowsOf(x, rows))
  }

  crop(length: number) {
    if (length >= this.length) return
    this.#past = mapTensors(this.#past, (x) => keysOf(x, 0, x.shape[2]! - (this.length - length)))
    this.length = length
  }

  reaches(length: number) {
    return this.#entries.every(({ window }) => {
      if (window === undefined) return true
      return this.length - this.remembered(window) <= Math.max(0, length - (window - 1))
    })
  }

  remembered(window: number) {
    const entry = this.#entries.find((each) => each.window === window)
    return entry ? this.#past[entry.past]!.shape[2]! : this.length
  }

  trim() {
    for (const { past: name, window } of this.#entries) {
      const x = this.#past[name]!
      if (window === undefined || x.shape[2]! < window - 1 + 2 * spare(window)) continue
      this.#beginnings[name] ??= keysOf(x, 0, Math.min(BEGINNING, x.shape[2]!))
      this.#past[name] = keysOf(x, x.shape[2]! - (window - 1 + spare(window)))
    }
  }

  async tensors() {
    return { past: this.#past, beginnings: this.#beginnings }
  }

  release() {
    this.#past = {}
    this.#beginnings = {}
    this.#encoded = {}
  }
}

/** How many keys there are. */
const lengthOf = (past: PlainTensors): number | undefined => Object.values(past)[0]?.shape[2]

export const mapTensors = (tensors: PlainTensors, change: (x: PlainTensor) => PlainTensor): PlainTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, change(x)]))

/** Rows of a batch, each as often as it is named. */
export function rowsOf(x: PlainTensor, rows: readonly number[]): PlainTensor {
  const [batch, ...rest] = x.shape
  const size = sizeOf(rest)
  if (rows.length === batch && rows.every((row, i) => row === i)) return x
  const from = x.data as Float32Array
  const data = arrayOf(x.dtype, rows.length * size) as Float32Array
  for (const [i, row] of rows.entries()) data.set(from.subarray(row * size, (row + 1) * size), i * size)
  return { dtype: x.dtype, shape: [rows.length, ...rest], data }
}

/** So many keys of what is forgotten are left. */
const BEGINNING = 64

/** So many more keys than a window's are left, so that few runs need to forget some and the last tokens can be taken back. */
const spare = (window: number) => Math.max(8, Math.floor(window / 8))

/** Some of the keys of [batch, heads, keys, size]. */
export function keysOf(x: PlainTensor, from: number, to = x.shape[2]!): PlainTensor {
  const [batch, heads, keys, size] = x.shape as [number, number, number, number]
  const length = to - from
  const data = new Float32Array(batch * heads * length * size)
  for (let i = 0; i < batch * heads; i++) {
    const begin = (i * keys + from) * size
    data.set((x.data as Float32Array).subarray(begin, begin + length * size), i * length * size)
  }
  return { dtype: 'float32', shape: [batch, heads, length, size], data }
}
