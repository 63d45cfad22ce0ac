/** @file A cache of kernels that add new keys and values to what is there: what was and what is next are one buffer. */
import type { CacheEntry } from '@webformers/graph'
import type { DeviceTensors } from '../../session'
import type { PlainTensors } from '../../tensor'
import { bytesOf, DeviceCache, roomFor } from './device-cache'

export class SharedCache extends DeviceCache {
  readonly #buffers = new Map<CacheEntry, GPUBuffer>()
  /** For how many keys each row and head has room. */
  #room: number

  /** @param room for how many keys buffers are made; they grow where more come */
  constructor(
    gpu: GPUDevice,
    entries: readonly CacheEntry[],
    batch: number,
    encoded: PlainTensors,
    filled: PlainTensors = {},
    room = 0,
  ) {
    super(gpu, entries, batch, encoded)
    this.length = filled[entries[0]!.past]?.shape[2] ?? 0
    this.#room = Math.max(this.length, room)
    for (const entry of entries) {
      const buffer = this.allocate(bytesOf(this.shape(entry, this.#room)))
      this.#buffers.set(entry, buffer)
      const { data, shape } = filled[entry.past] ?? { data: new Float32Array(), shape: [] }
      const [size, newSize] = [data.length / (shape[0]! * shape[1]!), (this.#room * shape[3]!) as number]
      for (let i = 0; i * size < data.length; i++)
        gpu.queue.writeBuffer(buffer, 4 * i * newSize, data as Float32Array<ArrayBuffer>, i * size, size)
    }
  }

  protected buffersOf(entry: CacheEntry) {
    return { buffers: [this.#buffers.get(entry)!], room: this.#room }
  }

  protected replace(entry: CacheEntry, buffer: GPUBuffer) {
    this.#buffers.set(entry, buffer)
  }

  protected prepare(total: number) {
    if (total > this.#room) this.#grow(roomFor(total))
    const named = (name: (entry: CacheEntry) => string): DeviceTensors =>
      Object.fromEntries(
        [...this.#buffers].map(([entry, buffer]) => [
          name(entry),
          { buffer, shape: this.shape(entry, this.#room) },
        ]),
      )
    return { feeds: named(({ past }) => past), outputs: named(({ present }) => present!) }
  }

  protected written() {}

  /** What lies behind the last key is not read, and the next run writes over it. */
  crop(length: number) {
    this.length = Math.min(this.length, length)
  }

  #grow(room: number) {
    const gone = [...this.#buffers.values()]
    this.submit((commands) => {
      for (const [entry, buffer] of this.#buffers) {
        const larger = this.allocate(bytesOf(this.shape(entry, room)))
        if (this.length > 0) this.copyKeys(commands, entry, [buffer, this.#room], [larger, room])
        this.#buffers.set(entry, larger)
      }
    })
    for (const buffer of gone) buffer.destroy()
    this.#room = room
  }
}
