/** @file Buffers of numbers on the GPU. */
import { ExecutionError, OutOfMemoryError } from '../../errors'
import { TRAINING_MEMORY } from '../advice'

/** A buffer's size in bytes: onnxruntime's kernels read four numbers at a time. */
const bytes = (length: number) => Math.ceil(length / 4) * 16

export class Buffers {
  readonly #gpu: GPUDevice
  readonly #all: GPUBuffer[] = []

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu
  }

  /** A buffer of zeros. */
  allocate(length: number): GPUBuffer {
    const size = bytes(length)
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#gpu.limits
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize)
    if (size > most)
      throw new OutOfMemoryError(
        `The weights that are trained have ${size} bytes, but this GPU takes ${most} in one buffer. ${TRAINING_MEMORY}`,
      )
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
    const buffer = this.#gpu.createBuffer({ size, usage })
    this.#all.push(buffer)
    return buffer
  }

  clear(buffer: GPUBuffer) {
    const encoder = this.#gpu.createCommandEncoder()
    encoder.clearBuffer(buffer)
    this.#gpu.queue.submit([encoder.finish()])
  }

  write(buffer: GPUBuffer, offset: number, values: Float32Array<ArrayBuffer>) {
    this.#gpu.queue.writeBuffer(buffer, offset * 4, values)
  }

  async read(buffer: GPUBuffer, offset: number, length: number): Promise<Float32Array<ArrayBuffer>> {
    const size = length * 4
    const staging = this.#gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
    const encoder = this.#gpu.createCommandEncoder()
    encoder.copyBufferToBuffer(buffer, offset * 4, staging, 0, size)
    this.#gpu.queue.submit([encoder.finish()])
    try {
      await staging.mapAsync(GPUMapMode.READ)
      return new Float32Array(staging.getMappedRange().slice(0))
    } catch (cause) {
      throw new ExecutionError(`The GPU's memory could not be read: ${cause}`, { cause })
    } finally {
      staging.destroy()
    }
  }

  /** Do something that allocates. @throws {OutOfMemoryError} when there is not enough memory for it. */
  async guarded<T>(work: () => T): Promise<T> {
    this.#gpu.pushErrorScope('out-of-memory')
    const made = work()
    const error = await this.#gpu.popErrorScope()
    if (error)
      throw new OutOfMemoryError(
        `The GPU has not enough memory to train: ${error.message} ${TRAINING_MEMORY}`,
      )
    return made
  }

  destroy() {
    for (const buffer of this.#all) buffer.destroy()
  }
}
