/** @file What caches in buffers of the GPU have in common: no key or value leaves it, but for a file. */
import type { CacheEntry } from '@webformers/graph'
import type { DeviceTensor, DeviceTensors, Session } from '../../session'
import { type PlainTensor, type PlainTensors, sizeOf } from '../../tensor'
import type { Cache, Remembered } from './cache'

/** Tokens that buffers have room for at least. */
const ROOM = 32

export abstract class DeviceCache implements Cache {
  length = 0
  protected rows: number
  readonly #encoded: Record<string, DeviceTensor>

  constructor(
    protected readonly gpu: GPUDevice,
    protected readonly entries: readonly CacheEntry[],
    batch: number,
    encoded: PlainTensors,
  ) {
    this.rows = batch
    this.#encoded = Object.fromEntries(
      Object.entries(encoded).map(([name, { data, shape }]) => {
        const buffer = this.allocate(data.byteLength)
        gpu.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>)
        return [name, { buffer, shape }]
      }),
    )
  }

  /** What the next run takes, and the buffers that it writes what is remembered next to. */
  protected abstract prepare(total: number): { feeds: DeviceTensors; outputs: DeviceTensors }
  /** The buffers of an entry with the keys that are remembered first, and for how many keys each row and head has room in it. */
  protected abstract buffersOf(entry: CacheEntry): { buffers: GPUBuffer[]; room: number }
  /** What holds the keys from now on, and others that the next run may write. */
  protected abstract replace(entry: CacheEntry, buffer: GPUBuffer): void
  /** A run has written what is remembered next. */
  protected abstract written(): void
  abstract crop(length: number): void

  async run(session: Session, feeds: PlainTensors, outputs: readonly string[], added: number) {
    const total = this.length + added
    const resident = this.prepare(total)
    const results = await session.run(feeds, outputs, {
      ...resident,
      feeds: { ...resident.feeds, ...this.#encoded },
    })
    this.written()
    this.length = total
    return results
  }

  reorder(rows: readonly number[]) {
    if (rows.length === this.rows && rows.every((row, i) => row === i)) return
    const gone: GPUBuffer[] = []
    this.submit((commands) => {
      const gather = (from: GPUBuffer, size: number) => {
        const to = this.allocate(size * rows.length)
        for (const [i, row] of rows.entries())
          commands.copyBufferToBuffer(from, row * size, to, i * size, size)
        return to
      }
      for (const entry of this.entries) {
        const { buffers, room } = this.buffersOf(entry)
        this.replace(entry, gather(buffers[0]!, bytesOf(this.shape(entry, room)) / this.rows))
        gone.push(...buffers)
      }
      for (const [name, { buffer, shape }] of Object.entries(this.#encoded)) {
        const gathered = gather(buffer, bytesOf(shape) / this.rows)
        this.#encoded[name] = { buffer: gathered, shape: shape.with(0, rows.length) }
        gone.push(buffer)
      }
    })
    for (const buffer of gone) buffer.destroy()
    this.rows = rows.length
  }

  // Keys stay where they are: it takes no run to drop some, but a copy of all others.
  reaches() {
    return true
  }
  remembered() {
    return this.length
  }
  trim() {}

  async tensors(): Promise<Remembered> {
    const read = this.entries.map(async (entry): Promise<[string, PlainTensor]> => {
      const shape = this.shape(entry, this.length)
      return [entry.past, { dtype: 'float32', shape, data: await this.#download(entry) }]
    })
    return { past: Object.fromEntries(await Promise.all(read)), beginnings: {} }
  }

  async #download(entry: CacheEntry): Promise<Float32Array> {
    const size = bytesOf(this.shape(entry, this.length))
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
    const copy = this.gpu.createBuffer({ size, usage })
    const { buffers, room } = this.buffersOf(entry)
    this.submit((commands) => this.copyKeys(commands, entry, [buffers[0]!, room], [copy, this.length]))
    await copy.mapAsync(GPUMapMode.READ)
    const data = new Float32Array(copy.getMappedRange().slice(0))
    copy.destroy()
    return data
  }

  release() {
    for (const entry of this.entries) for (const buffer of this.buffersOf(entry).buffers) buffer.destroy()
    for (const { buffer } of Object.values(this.#encoded)) buffer.destroy()
  }

  /** Copy the keys of each row and head from a buffer to one with room for another number of them: as many as both have room for. */
  protected copyKeys(
    commands: GPUCommandEncoder,
    entry: CacheEntry,
    [from, room]: readonly [GPUBuffer, number],
    [to, newRoom]: readonly [GPUBuffer, number],
  ) {
    const [batch, heads, , size] = this.shape(entry, 0) as [number, number, number, number]
    const bytes = 4 * size * Math.min(room, newRoom)
    for (let i = 0; i < batch * heads; i++)
      commands.copyBufferToBuffer(from, 4 * i * room * size, to, 4 * i * newRoom * size, bytes)
  }

  protected submit(write: (commands: GPUCommandEncoder) => void) {
    const commands = this.gpu.createCommandEncoder()
    write(commands)
    this.gpu.queue.submit([commands.finish()])
  }

  protected shape({ shape: [, heads, , size] }: CacheEntry, keys: number): number[] {
    return [this.rows, Number(heads), keys, Number(size)]
  }

  protected allocate(bytes: number): GPUBuffer {
    return this.gpu.createBuffer({
      size: Math.max(16, Math.ceil(bytes / 16) * 16),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    })
  }
}

/** The bytes of a tensor of that shape. */
export const bytesOf = (shape: readonly number[]) => 4 * sizeOf(shape)

/** Room for so many keys, and for half as many again, so that few runs need new buffers. */
export const roomFor = (keys: number) => Math.ceil((keys * 3) / 2 / ROOM) * ROOM
