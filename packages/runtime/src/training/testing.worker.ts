/** @file An engine that tells, besides placements, what memory it took and what left the GPU, for tests. */
import '../testing.worker'

/** Of a worker's life so far. */
export interface Counted {
  /** Bytes of all WebAssembly memories. */
  wasm: number
  /** Bytes that were read back from the GPU. */
  read: number
  /** Shaders that were run. */
  dispatches: number
}

const memories: WebAssembly.Memory[] = []
const counted = { read: 0, dispatches: 0 }

WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, [descriptor]) {
    const memory = new target(descriptor)
    memories.push(memory)
    return memory
  },
})

if (globalThis.GPUBuffer) {
  const { mapAsync } = GPUBuffer.prototype
  GPUBuffer.prototype.mapAsync = function (this: GPUBuffer, mode, offset = 0, size = this.size - offset) {
    if (mode === GPUMapMode.READ) counted.read += size
    return mapAsync.call(this, mode, offset, size)
  }
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...groups) {
    counted.dispatches += 1
    return dispatchWorkgroups.apply(this, groups)
  }
}

self.addEventListener('message', ({ data }: MessageEvent<{ count?: boolean }>) => {
  if (!data.count) return
  const wasm = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
  self.postMessage({ counted: { wasm, ...counted } satisfies Counted })
})
