/** @file A cache where a device has it: in memory beside onnxruntime's on WASM, in buffers of the GPU on WebGPU. */
import type { DecodingProgram } from '@webformers/graph'
import type { PlainTensor, PlainTensors } from '../../tensor'
import { AlternatingCache } from './alternating-cache'
import type { Cache, Remembered } from './cache'
import { HostCache } from './host-cache'
import { SharedCache } from './shared-cache'

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

/** What grows with what is read. */
export const growing = (cache: DecodingProgram['cache']) => cache.filter(({ present }) => present)

/** A cache of a program. A GPU whose kernels add to what is there needs one buffer for what was and what is next, others two. */
export function openCache({ cache, decode }: DecodingProgram, beginning: Beginning): Cache {
  const { batch, encoded, gpu, filled, room } = beginning
  const entries = growing(cache)
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
