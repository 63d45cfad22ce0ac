/** @file What the self-check computes. The page traces it, as it traces every program; the worker needs no tracer. */
import {
  additiveMask,
  attention,
  input,
  layerNorm,
  type Program,
  parameters,
  program,
} from '@webformers/graph'
import type { Device } from './adapter'

/** One computation as plain operations and, for a GPU, as its kernels. */
export interface Samples {
  readonly plain: Program
  readonly fused?: Program
}

export const samplesFor = (device: Device): Samples => ({
  plain: sampleProgram('wasm'),
  ...(device === 'webgpu' && { fused: sampleProgram('webgpu') }),
})

const [BATCH, SEQUENCE, WIDTH] = [1, 64, 32] // kernels that go wrong do so from 32 tokens on
const stream = () => input([BATCH, SEQUENCE, WIDTH])

/** A masked attention and a layer normalization, as kernels of the GPU or as plain operations of the CPU. */
export function sampleProgram(device: Device, heads = 2): Program {
  const feeds = { query: stream(), key: stream(), value: stream(), mask: input([BATCH, SEQUENCE]) }
  const bias = additiveMask(feeds.mask)
  const { context } = attention(feeds.query, feeds.key, feeds.value, { heads, bias })
  const norm = layerNorm(WIDTH, 1e-5)
  const normalized = norm(context, feeds.query)
  return program({ context, normalized }, feeds, parameters({ norm }), {
    device,
    fused: device === 'webgpu',
    compute: 'float32',
    weights: 'float32',
  })
}
