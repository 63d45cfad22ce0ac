/** @file Keys and values of what was read: in memory beside onnxruntime's on WASM, in buffers of the GPU on WebGPU. */
import type { CacheEntry, DecodingProgram } from '@webformers/graph'
import type { DeviceTensors, Session } from '../session'
import { arrayOf, type PlainTensor, type PlainTensors, sizeOf } from '../tensor'

/** What one text, or a batch of them, has left behind. */
export interface Cache {
  /** How many tokens each row has read, padding counted. */
  readonly length: number
  /** Compute outputs of what comes after; what is remembered next takes the place of what is remembered now. */
  run(session: Session, feeds: PlainTensors, outputs: readonly string[], added: number): Promise<PlainTensors>
  /** Row i goes on from what was row rows[i]; there may be more rows than before, or fewer. */
  reorder(rows: readonly number[]): void
  /** Forget all but the first `length` tokens of each row. */
  crop(length: number): void
  /** Whether what the next tokens see would still be there if all but the first `length` were forgotten. */
  reaches(length: number): boolean
  /** How many keys layers remember that see a window of so many. */
  remembered(window: number): number
  /** Forget what no window will see. */
  trim(): void
  /** What is remembered, for a file. */
  tensors(): Promise<Remembered>
  release(): void
}

/** Keys and values by the names of the inputs that hold them. */
export interface Remembered {
  readonly past: PlainTensors
  /** The first of those that are forgotten, by which a model knows them for its own. */
  readonly beginnings: PlainTensors
}

/** What an encoder gave stays as it is; keys and values start empty, or with what `filled` holds. */
export function openCache(
  { cache, decode }: DecodingProgram,
  batch: number,
  encoded: PlainTensors,
  gpu: GPUDevice | undefined,
  filled?: Remembered & { readonly length: number },
): Cache {
  const dtypeOf = ({ past }: CacheEntry) => decode.inputs[past]!.dtype
  const entries = cache.filter(({ present }) => present)
  const empty = entries.map((entry): [string, PlainTensor] => {
    if (dtypeOf(entry) !== 'float32') throw new TypeError(`A cache of ${dtypeOf(entry)} is not written.`)
    const [, heads, , size] = entry.shape
    return [
      entry.past,
      { dtype: 'float32', shape: [batch, Number(heads), 0, Number(size)], data: new Float32Array() },
    ]
  })
  return gpu
    ? new DeviceCache(gpu, entries, batch, encoded, filled?.past ?? {})
    : new HostCache(
        entries,
        encoded,
        filled ?? { past: Object.fromEntries(empty), beginnings: {}, length: 0 },
      )
}

class HostCache implements Cache {
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

/** A buffer, and one of the same size that the next run writes. */
interface Pair {
  front: GPUBuffer
  back: GPUBuffer
}

/** No key or value leaves the GPU. */
class DeviceCache implements Cache {
  length = 0
  readonly #gpu: GPUDevice
  readonly #entries: readonly CacheEntry[]
  readonly #pairs = new Map<string, Pair>()
  readonly #encoded: Readonly<Record<string, { buffer: GPUBuffer; shape: readonly number[] }>>
  #rows: number

  constructor(
    gpu: GPUDevice,
    entries: readonly CacheEntry[],
    batch: number,
    encoded: PlainTensors,
    filled: PlainTensors,
  ) {
    this.#gpu = gpu
    this.#entries = entries
    this.#rows = batch
    const upload = ({ data }: PlainTensor) => {
      const buffer = this.#allocate(data.byteLength)
      gpu.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>)
      return buffer
    }
    this.#encoded = Object.fromEntries(
      Object.entries(encoded).map(([name, x]) => [name, { buffer: upload(x), shape: x.shape }]),
    )
    for (const [name, x] of Object.entries(filled))
      this.#pairs.set(name, { front: upload(x), back: this.#allocate(0) })
    this.length = lengthOf(filled) ?? 0
  }

  async run(session: Session, feeds: PlainTensors, outputs: readonly string[], added: number) {
    const total = this.length + added
    for (const entry of this.#entries) this.#reserve(entry, total)
    const at = (keys: number, side: keyof Pair, name: (entry: CacheEntry) => string): DeviceTensors =>
      Object.fromEntries(
        this.#entries.map((entry) => [
          name(entry),
          { buffer: this.#pairs.get(entry.past)![side], shape: this.#shape(entry, keys) },
        ]),
      )
    const results = await session.run(feeds, outputs, {
      feeds: { ...at(this.length, 'front', ({ past }) => past), ...this.#encoded },
      outputs: at(total, 'back', ({ present }) => present!),
    })
    for (const pair of this.#pairs.values()) [pair.front, pair.back] = [pair.back, pair.front]
    this.length = total
    return results
  }

  reorder(rows: readonly number[]) {
    if (rows.length === this.#rows && rows.every((row, i) => row === i)) return
    const commands = this.#gpu.createCommandEncoder()
    const gone: GPUBuffer[] = []
    const gather = (from: GPUBuffer, size: number) => {
      const to = this.#allocate(size * rows.length)
      for (const [i, row] of rows.entries()) commands.copyBufferToBuffer(from, row * size, to, i * size, size)
      gone.push(from)
      return to
    }
    for (const entry of this.#entries) {
      const pair = this.#pairs.get(entry.past)
      if (!pair) continue
      pair.front = gather(pair.front, (4 * sizeOf(this.#shape(entry, this.length))) / this.#rows)
      gone.push(pair.back)
      pair.back = this.#allocate(0)
    }
    for (const tensor of Object.values(this.#encoded)) {
      tensor.buffer = gather(tensor.buffer, (4 * sizeOf(tensor.shape)) / this.#rows)
      tensor.shape = tensor.shape.with(0, rows.length)
    }
    this.#gpu.queue.submit([commands.finish()])
    for (const buffer of gone) buffer.destroy()
    this.#rows = rows.length
  }

  crop(length: number) {
    if (length >= this.length) return
    const commands = this.#gpu.createCommandEncoder()
    for (const entry of this.#entries) {
      const [batch, heads, , size] = this.#shape(entry, length) as [number, number, number, number]
      this.#reserve(entry, length)
      const pair = this.#pairs.get(entry.past)!
      for (let i = 0; i < batch * heads; i++)
        commands.copyBufferToBuffer(
          pair.front,
          4 * i * this.length * size,
          pair.back,
          4 * i * length * size,
          4 * length * size,
        )
      ;[pair.front, pair.back] = [pair.back, pair.front]
    }
    this.#gpu.queue.submit([commands.finish()])
    this.length = length
  }

  // Keys stay where they are: it takes no run to drop some, but a copy of all others.
  reaches() {
    return true
  }
  remembered() {
    return this.length
  }
  trim() {}

  async tensors() {
    const read = this.#entries.map(async (entry): Promise<[string, PlainTensor]> => {
      const shape = this.#shape(entry, this.length)
      return [entry.past, { dtype: 'float32', shape, data: await this.#download(entry, 4 * sizeOf(shape)) }]
    })
    return { past: Object.fromEntries(await Promise.all(read)), beginnings: {} }
  }

  async #download({ past }: CacheEntry, bytes: number): Promise<Float32Array> {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
    const copy = this.#gpu.createBuffer({ size: bytes, usage })
    const commands = this.#gpu.createCommandEncoder()
    commands.copyBufferToBuffer(this.#pairs.get(past)!.front, 0, copy, 0, bytes)
    this.#gpu.queue.submit([commands.finish()])
    await copy.mapAsync(GPUMapMode.READ)
    const data = new Float32Array(copy.getMappedRange().slice(0))
    copy.destroy()
    return data
  }

  release() {
    for (const { front, back } of this.#pairs.values()) for (const buffer of [front, back]) buffer.destroy()
    for (const { buffer } of Object.values(this.#encoded)) buffer.destroy()
  }

  #shape({ shape: [, heads, , size] }: CacheEntry, keys: number): number[] {
    return [this.#rows, Number(heads), keys, Number(size)]
  }

  /** Let what the next run writes have room for so many keys, and for as many again, so that few runs need new buffers. */
  #reserve(entry: CacheEntry, keys: number) {
    const needed = 4 * sizeOf(this.#shape(entry, keys))
    const pair = this.#pairs.get(entry.past) ?? { front: this.#allocate(0), back: this.#allocate(0) }
    this.#pairs.set(entry.past, pair)
    if (pair.back.size >= needed) return
    pair.back.destroy()
    pair.back = this.#allocate(4 * sizeOf(this.#shape(entry, Math.ceil((keys * 3) / 2 / ROOM) * ROOM)))
  }

  #allocate(bytes: number): GPUBuffer {
    return this.#gpu.createBuffer({
      size: Math.max(16, Math.ceil(bytes / 16) * 16),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    })
  }
}

/** Tokens that buffers have room for at least. */
const ROOM = 32
