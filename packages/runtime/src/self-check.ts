/** @file Whether the fused kernels of this GPU's driver compute what they should. */
import { type Initializer, initializersOnnx, type Program } from '@webformers/graph'
import type { Device } from './adapter'
import type { Samples } from './samples'
import type { ExternalFile, Runtime } from './session'
import { concatenate, type PlainTensor, type PlainTensors, sizeOf } from './tensor'

const TOLERANCE = 1e-3

/**
 * Run the sample both ways. The plain one runs on the CPU: it is the truth for any GPU, compiles no shaders that nobody
 * needs afterwards, and on every device makes onnxruntime fetch and compile its wasm while the model is downloaded.
 * @returns whether every output of the fused program is within 1e-3 of the plain one's.
 */
export async function fusedKernelsAgree(runtime: Runtime, { plain, fused }: Samples): Promise<boolean> {
  const truth = await runSample(runtime, plain, 'wasm')
  if (!fused) return true
  const outputs = await runSample(runtime, fused, 'webgpu').catch(() => undefined) // a kernel that fails is no better
  return (
    outputs !== undefined &&
    Object.keys(truth).every((name) => distance(outputs[name]!, truth[name]!) <= TOLERANCE)
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
      const data = name === 'mask' ? lastHidden(shape as number[]) : waves(shape as number[], i)
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
  const width = wanted[0]!.shape[0]!
  const length = width * Float32Array.BYTES_PER_ELEMENT
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
  const values = new Uint8Array(waves([wanted.length, width], 7).buffer)
  const file: ExternalFile = { path, size: values.length, read: (start, end) => values.slice(start, end) }
  return [concatenate(onnx, initializersOnnx(initializers)), [file]]
}

/** Numbers of both signs and of the size a trained model has; the same everywhere. */
const waves = (shape: readonly number[], seed: number) =>
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * Math.sin(i * 12.9898 + seed * 78.233))

/** The last quarter of the tokens is padding. */
const lastHidden = (shape: readonly number[]) => {
  const length = sizeOf(shape)
  return Float32Array.from({ length }, (_, i) => Number(i < 0.75 * length))
}

/** The greatest difference of two tensors of one shape; not a number where one of them holds such. */
function distance(a: PlainTensor, b: PlainTensor): number {
  let greatest = 0
  for (let i = 0; i < a.data.length; i++) {
    greatest = Math.max(greatest, Math.abs(Number(a.data[i]) - Number(b.data[i])))
  }
  return greatest
}
