/** @file How fast the GPU reads its memory: a compute shader goes over a large buffer. */

import { findAdapter } from './devices'

/** More than caches hold. */
const BYTES = 256 * 2 ** 20
/** Milliseconds that a round takes at least, in passes over the buffer: what it costs to be told of the end counts for little then. */
const DURATION = 200
const MOST_PASSES = 64

const GROUPS = 1024
const SIZE = 256

const SHADER = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> written: array<vec4u>;

@compute @workgroup_size(${SIZE})
fn fill(@builtin(global_invocation_id) id: vec3u) {
  for (var i = id.x; i < arrayLength(&written); i += ${GROUPS * SIZE}u) {
    written[i] = vec4u(i * 2654435769u) ^ vec4u(0u, 1u, 2u, 3u);
  }
}

@group(0) @binding(0) var<storage, read> data: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(${SIZE})
fn sum(@builtin(global_invocation_id) id: vec3u) {
  var total = vec4u(0u);
  for (var i = id.x; i < arrayLength(&data); i += ${GROUPS * SIZE}u) {
    total += data[i];
  }
  sums[id.x] = total.x + total.y + total.z + total.w; // a result, so that no pass may be left out
}
`

/**
 * Bytes a second, round by round.
 * @throws {Error} when the GPU is lost or has no room @throws {DOMException} when `signal` is aborted
 */
export async function gpuBandwidth(rounds: number, signal: AbortSignal): Promise<number[]> {
  const adapter = await findAdapter() // each gives one device only
  if (!adapter) throw new Error('This browser has no GPU any more. Run it on WebAssembly.')
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits
  const gpu = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } })
  try {
    const size = Math.min(BYTES, maxBufferSize, maxStorageBufferBindingSize) & ~0xff
    return await Promise.race([measure(gpu, size, rounds, signal), lost(gpu)])
  } finally {
    gpu.destroy()
  }
}

async function lost(gpu: GPUDevice): Promise<never> {
  const { message } = await gpu.lost
  throw new Error(`The GPU was lost while its memory was measured: ${message} Run it again.`)
}

async function measure(gpu: GPUDevice, size: number, rounds: number, signal: AbortSignal): Promise<number[]> {
  gpu.pushErrorScope('out-of-memory')
  const data = gpu.createBuffer({ size, usage: GPUBufferUsage.STORAGE })
  const sums = gpu.createBuffer({ size: 4 * GROUPS * SIZE, usage: GPUBufferUsage.STORAGE })
  const failed = await gpu.popErrorScope()
  if (failed) throw new Error(`The GPU has no room to measure its memory: ${failed.message}`)
  const module = gpu.createShaderModule({ code: SHADER })
  const programOf = (entryPoint: string, buffers: readonly GPUBuffer[]) => {
    const pipeline = gpu.createComputePipeline({ layout: 'auto', compute: { module, entryPoint } })
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }))
    return { pipeline, group: gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }) }
  }
  /** Milliseconds of so many passes. */
  const timeOf = async ({ pipeline, group }: ReturnType<typeof programOf>, passes: number) => {
    signal.throwIfAborted()
    const commands = gpu.createCommandEncoder()
    const pass = commands.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, group)
    for (let i = 0; i < passes; i++) pass.dispatchWorkgroups(GROUPS)
    pass.end()
    const start = performance.now()
    gpu.queue.submit([commands.finish()])
    await gpu.queue.onSubmittedWorkDone()
    return performance.now() - start
  }
  await timeOf(programOf('fill', [data]), 1) // numbers that no memory compresses
  const read = programOf('sum', [data, sums])
  await timeOf(read, 1) // compiles
  const passes = Math.min(MOST_PASSES, Math.ceil(DURATION / (await timeOf(read, 1))))
  const found: number[] = []
  for (let round = 0; round < rounds; round++)
    found.push((1000 * passes * size) / (await timeOf(read, passes)))
  return found
}
