/** @file Keys and values in memory beside onnxruntime's, on WASM. */
import type { CacheEntry } from '@webformers/graph'
import type { Session } from '../../session'
import { arrayOf, type PlainTensor, type PlainTensors, sizeOf } from '../../tensor'
import type { Cache, Remembered } from './cache'

export class HostCache implements Cache {
  #entries: readonly CacheEntry[]
  /** By the inputs that hold them; and the last ones, where these lie apart. */
  #past: PlainTensors
  #recent: PlainTensors = {}
  #encoded: PlainTensors
  #beginnings: PlainTensors
  length = 0

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

  serve(entries: readonly CacheEntry[]) {
    this.#join()
    this.#entries = entries
  }

  async run(session: Session, feeds: PlainTensors, outputs: readonly string[], added: number) {
    const apart = this.#entries.some(({ recent }) => recent)
    const growing = apart ? this.#recent : this.#past
    const given = this.#entries.map(({ past, recent = past }): [string, PlainTensor] => [
      recent,
      growing[past] ?? keysOf(this.#past[past]!, 0, 0),
    ])
    const results = await session.run(
      { ...feeds, ...this.#past, ...Object.fromEntries(given), ...this.#encoded },
      [...outputs, ...this.#entries.map(({ present }) => present!)],
    )
    const grown = Object.fromEntries(this.#entries.map(({ past, present }) => [past, results[present!]!]))
    // A run may have taken several steps.
    this.length += given.length === 0 ? added : lengthOf(grown) - lengthOf(growing)
    if (apart) this.#recent = grown
    else this.#past = grown
    if (apart && lengthOf(grown) > RECENT) this.#join()
    return Object.fromEntries(outputs.map((name) => [name, results[name]!]))
  }

  /** Put the last keys and values behind those before. */
  #join() {
    this.#past = this.#whole()
    this.#recent = {}
  }

  #whole(): PlainTensors {
    const recent = this.#recent
    return mapTensors(this.#past, (x, name) => (recent[name] ? joined(x, recent[name]) : x))
  }

  reorder(rows: readonly number[]) {
    const arranged = (tensors: PlainTensors) => mapTensors(tensors, (x) => rowsOf(x, rows))
    this.#past = arranged(this.#past)
    this.#recent = arranged(this.#recent)
    this.#beginnings = arranged(this.#beginnings)
    this.#encoded = arranged(this.#encoded)
  }

  crop(length: number) {
    if (length >= this.length) return
    this.#join()
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
    if (!entry) return this.length
    return this.#past[entry.past]!.shape[2]! + lengthOf(this.#recent)
  }

  trim() {
    const longer = (window: number) => this.remembered(window) >= window - 1 + 2 * spare(window)
    const windowed = this.#entries.filter(({ window }) => window !== undefined && longer(window))
    if (windowed.length > 0) this.#join()
    for (const { past: name, window } of windowed) {
      const x = this.#past[name]!
      this.#beginnings[name] ??= keysOf(x, 0, Math.min(BEGINNING, x.shape[2]!))
      this.#past[name] = keysOf(x, x.shape[2]! - (window! - 1 + spare(window!)))
    }
  }

  async tensors() {
    return { past: this.#whole(), beginnings: this.#beginnings }
  }

  release() {
    this.#past = {}
    this.#recent = {}
    this.#beginnings = {}
    this.#encoded = {}
  }
}

/** Of the last keys no more than so many lie apart: each step of a run copies them, where all would be copied at each run. */
const RECENT = 32

/** How many keys there are. */
const lengthOf = (keys: PlainTensors): number => Object.values(keys)[0]?.shape[2] ?? 0

export const mapTensors = (
  tensors: PlainTensors,
  change: (x: PlainTensor, name: string) => PlainTensor,
): PlainTensors => Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, change(x, name)]))

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

/** Keys of [batch, heads, keys, size], and others behind them. */
function joined(x: PlainTensor, y: PlainTensor): PlainTensor {
  const [batch, heads, keys, size] = x.shape as [number, number, number, number]
  const [first, second] = [keys * size, y.shape[2]! * size]
  const data = new Float32Array(batch * heads * (first + second))
  for (let i = 0; i < batch * heads; i++) {
    const begin = i * (first + second)
    data.set((x.data as Float32Array).subarray(i * first, (i + 1) * first), begin)
    data.set((y.data as Float32Array).subarray(i * second, (i + 1) * second), begin + first)
  }
  return { dtype: 'float32', shape: [batch, heads, keys + y.shape[2]!, size], data }
}
