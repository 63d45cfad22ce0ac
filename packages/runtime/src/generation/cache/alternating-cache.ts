/** @file A cache of kernels that write all keys and values anew: of two buffers, one is read and one is written. */
import type { CacheEntry } from '@webformers/graph'
import type { DeviceTensors } from '../../session'
import type { PlainTensors } from '../../tensor'
import { bytesOf, DeviceCache, roomFor } from './device-cache'

/** A buffer, and the one that the next run writes. */
interface Pair {
  front: GPUBuffer
  back: GPUBuffer
}

export class AlternatingCache extends DeviceCache {
  readonly #pairs = new Map<CacheEntry, Pair>()

  constructor(
    gpu: GPUDevice,
    entries: readonly CacheEntry[],
    batch: number,
    encoded: PlainTensors,
    filled?: PlainTensors,
  ) {
    super(gpu, entries, batch, encoded)
    for (const entry of entries) {
      const { data, shape } = filled?.[entry.past] ?? { data: new Float32Array(), shape: [] }
      this.replace(entry, this.allocate(data.byteLength))
      gpu.queue.writeBuffer(this.#pairs.get(entry)!.front, 0, data as Float32Array<ArrayBuffer>)
      this.length = shape[2] ?? 0
    }
  }

  protected buffersOf(entry: CacheEntry) {
    const { front, back } = this.#pairs.get(entry)!
    return { buffers: [front, back], room: this.length }
  }

  protected replace(entry: CacheEntry, front: GPUBuffer) {
    this.#pairs.set(entry, { front, back: this.allocate(0) })
  }

  protected prepare(total: number) {
    const at = (keys: number, side: keyof Pair, name: (entry: CacheEntry) => string): DeviceTensors =>
      Object.fromEntries(
        [...this.#pairs].map(([entry, pair]) => [
          name(entry),
          { buffer: pair[side], shape: this.shape(entry, keys) },
        ]),
      )
    for (const entry of this.entries) this.#reserve(entry, total)
    return {
      feeds: at(this.length, 'front', ({ past }) => past),
      outputs: at(total, 'back', ({ present }) => present!),
    }
  }

  protected written() {
    for (const pair of this.#pairs.values()) [pair.front, pair.back] = [pair.back, pair.front]
  }

  crop(length: number) {
    if (length >= this.length) return
    this.submit((commands) => {
      for (const [entry, { front }] of this.#pairs)
        this.copyKeys(commands, entry, [front, this.length], [this.#reserve(entry, length), length])
    })
    this.written()
    this.length = length
  }

  /** What the next run writes, with room for so many keys. */
  #reserve(entry: CacheEntry, keys: number): GPUBuffer {
    const pair = this.#pairs.get(entry)!
    if (pair.back.size < bytesOf(this.shape(entry, keys))) {
      pair.back.destroy()
      pair.back = this.allocate(bytesOf(this.shape(entry, roomFor(keys))))
    }
    return pair.back
  }
}
