/** @file Whether the fused kernels of this GPU's driver compute what they should. */
import {
  additiveMask,
  attention,
  type Initializer,
  initializersOnnx,
  input,
  layerNorm,
  type Program,
  parameters,
  program,
} from '@webformers/graph'
import type { Device } from './adapter'
import type { ExternalFile, Runtime } from './session'
import { concatenate, type PlainTensor, type PlainTensors, sizeOf } from './tensor'

/** Tells whether the fused kernels may be used. */
export type SelfCheck = (runtime: Runtime) => Promise<boolean>

const [BATCH, SEQUENCE, WIDTH] = [1, 64, 32] // kernels that go wrong do so from 32 tokens on
const TOLERANCE = 1e-3

const stream = () => input([BATCH, SEQUENCE, WIDTH])
const feeds = { query: stream(), key: stream(), value: stream(), mask: input([BATCH, SEQUENCE]) }

/** A masked attention and a layer normalization, as kernels of the GPU or as plain operations of the CPU. */
export function sampleProgram(device: Device, heads = 2): Program {
  const sample = { norm: layerNorm(WIDTH, 1e-5) }
  const { context } = attention(feeds.query, feeds.key, feeds.value, {
    heads,
    bias: additiveMask(feeds.mask),
  })
  const normalized = sample.norm(context, feeds.query)
  return program({ context, normalized }, feeds, parameters(sample), {
    device,
    fused: device === 'webgpu',
    compute: 'float32',
    weights: 'float32',
  })
}

/**
 * Run the sample both ways; `programs` lets a test give a kernel that is wrong. The plain one runs on the CPU: it is the
 * truth for any GPU, and compiles no shaders that nobody needs afterwards.
 * @returns whether every output of the fused program is within 1e-3 of the plain one's.
 */
export async function fusedKernelsAgree(
  runtime: Runtime,
  programs = { fused: sampleProgram('webgpu'), plain: sampleProgram('wasm') },
): Promise<boolean> {
  const fused = await runSample(runtime, programs.fused, 'webgpu').catch(() => undefined) // a kernel that fails is no better
  const plain = await runSample(runtime, programs.plain, 'wasm')
  return (
    fused !== undefined &&
    Object.keys(plain).every((name) => distance(fused[name]!, plain[name]!) <= TOLERANCE)
  )
}

async function runSample(
  runtime: Runtime,
  { onnx, inputs, outputs, parameters }: Program,
  on: Device,
): Promise<PlainTensors> {
  const session = await runtime.createSession(...withWeights(onnx, parameters), on)
  try {
    const tensors = Object.entries(inputs).map(([name, { dtype, shape }], i) => {
      const data = name === 'mask' ? lastHidden() : waves(shape as number[], i)
      return [name, { dtype, shape: shape as number[], data }] as const
    })
    return await session.run(Object.fromEntries(tensors), Object.keys(outputs))
  } finally {
    await session.release()
  }
}

function withWeights(
  onnx: Uint8Array,
  wanted: Program['parameters'],
): [Uint8Array<ArrayBuffer>, ExternalFile[]] {
  const path = 'sample'
  const length = WIDTH * Float32Array.BYTES_PER_ELEMENT
  const initializers = wanted.map(
    ({ name, dtype, shape }, i): Initializer => ({
      name,
      dtype,
      shape,
      location: path,
      offset: i * length,
      length,
    }),
  )
  const values = new Uint8Array(waves([wanted.length, WIDTH], 7).buffer)
  const file: ExternalFile = { path, size: values.length, read: (start, end) => values.slice(start, end) }
  return [concatenate(onnx, initializersOnnx(initializers)), [file]]
}

/** Numbers of both signs and of the size a trained model has; the same everywhere. */
const waves = (shape: readonly number[], seed: number) =>
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * Math.sin(i * 12.9898 + seed * 78.233))

/** The last quarter of the tokens is padding. */
const lastHidden = () => Float32Array.from({ length: SEQUENCE }, (_, i) => Number(i < 0.75 * SEQUENCE))

/** The greatest difference of two tensors of one shape; not a number where one of them holds such. */
function distance(a: PlainTensor, b: PlainTensor): number {
  let greatest = 0
  for (let i = 0; i < a.data.length; i++) {
    greatest = Math.max(greatest, Math.abs(Number(a.data[i]) - Number(b.data[i])))
  }
  return greatest
}
