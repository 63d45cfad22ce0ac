/** @file Keys and values of what was read: in memory beside onnxruntime's on WASM, in buffers of the GPU on WebGPU. */
import type { CacheEntry, DecodingProgram } from '@webformers/graph'
import type { Session } from '../session'
import type { PlainTensor, PlainTensors } from '../tensor'
import { AlternatingCache } from './cache/alternating-cache'
import { HostCache } from './cache/host-cache'
import { SharedCache } from './cache/shared-cache'

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

/** What a cache begins with. */
export interface Beginning {
  /** How many rows there are. */
  readonly batch: number
  /** What an encoder gave, which stays as it is. */
  readonly encoded: PlainTensors
  readonly gpu: GPUDevice | undefined
  /** Keys and values of what was read before; there are none where it is left out. */
  readonly filled?: Remembered & { readonly length: number }
  /** How many tokens it is made for, where that is known. */
  readonly room?: number
}

/** A cache of a program. A GPU whose kernels add to what is there needs one buffer for what was and what is next, others two. */
export function openCache({ cache, decode }: DecodingProgram, beginning: Beginning): Cache {
  const { batch, encoded, gpu, filled, room } = beginning
  const entries = cache.filter(({ present }) => present)
  const other = entries.map(({ past }) => decode.inputs[past]!.dtype).find((dtype) => dtype !== 'float32')
  if (other) throw new TypeError(`A cache of ${other} is not written.`)
  if (gpu) {
    const added = entries.every(({ past, present }) => decode.inPlace?.[present!] === past)
    return added
      ? new SharedCache(gpu, entries, batch, encoded, filled?.past, room)
      : new AlternatingCache(gpu, entries, batch, encoded, filled?.past)
  }
  const empty = entries.map(({ past, shape: [, heads, , size] }): [string, PlainTensor] => [
    past,
    { dtype: 'float32', shape: [batch, Number(heads), 0, Number(size)], data: new Float32Array() },
  ])
  return new HostCache(
    entries,
    encoded,
    filled ?? { past: Object.fromEntries(empty), beginnings: {}, length: 0 },
  )
}
