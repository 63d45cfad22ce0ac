/** @file The one file that imports onnxruntime-web: which of its builds, on which device, with how many threads. */
import type { InferenceSession, Tensor } from 'onnxruntime-web'
import { type AdapterDescription, type Device, requestDevice } from './adapter'
import { ExecutionError, OutOfMemoryError, WorkerDiedError } from './errors'
import { free, stagedInPieces } from './staging'
import { arrayOf, isDType, type PlainTensors } from './tensor'

export interface RuntimeOptions {
  device: Device
  /** How many threads WASM may use where the page is cross-origin isolated. */
  threads?: number
  /** Let onnxruntime log which node runs where. */
  verbose?: boolean
}

/** A file of weights, read where and when onnxruntime asks, so that no more than one tensor of it is in memory twice. */
export interface ExternalFile {
  readonly path: string
  readonly size: number
  read(start: number, end: number): Uint8Array<ArrayBuffer>
}

export interface Runtime {
  readonly device: Device
  readonly threads: number
  /** The GPU in use; `undefined` on WASM. */
  readonly gpu: GPUDevice | undefined
  readonly adapter: AdapterDescription | undefined
  /** `on` is another device than this one: a GPU's onnxruntime has a CPU too. */
  createSession(model: Uint8Array, files: readonly ExternalFile[], on?: Device): Promise<Session>
}

/** Numbers of 32 bits that stay on the GPU. */
export interface DeviceTensor {
  readonly buffer: GPUBuffer
  readonly shape: readonly number[]
}
export type DeviceTensors = Readonly<Record<string, DeviceTensor>>

export interface Session {
  /**
   * Compute the outputs named; others that the graph makes are not read back.
   * @param resident feeds that are on the GPU already, and outputs that are written to buffers there
   */
  run(
    feeds: PlainTensors,
    outputs: readonly string[],
    resident?: { readonly feeds: DeviceTensors; readonly outputs: DeviceTensors },
  ): Promise<PlainTensors>
  release(): Promise<void>
}

/** The builds of onnxruntime, each of which fetches its own wasm file; the project's build knows these very expressions. */
const builds = {
  wasm: () => import('onnxruntime-web/wasm'),
  jspi: () => import('onnxruntime-web/jspi'),
  asyncify: () => import('onnxruntime-web/webgpu'),
}

/** The small one without a GPU, else the one that suspends natively, where the browser can. */
const buildFor = (device: Device) =>
  builds[device === 'wasm' ? 'wasm' : 'Suspending' in WebAssembly ? 'jspi' : 'asyncify']

/** onnxruntime's own bound; unlike it we count every logical core, which on two halves the time of a forward pass. */
const MOST_THREADS = 4

const threadsFor = (wanted = MOST_THREADS) =>
  globalThis.crossOriginIsolated ? Math.max(1, Math.min(navigator.hardwareConcurrency ?? 1, wanted)) : 1

/**
 * Load onnxruntime for a device; it fetches and compiles its wasm with the first session.
 * @throws {UnsupportedDeviceError} when the device is WebGPU and the browser has none.
 */
export async function openRuntime({ device, threads: wanted, verbose }: RuntimeOptions): Promise<Runtime> {
  const threads = threadsFor(wanted)
  const [{ env, InferenceSession, Tensor }, webgpu] = await Promise.all([
    buildFor(device)().catch(unreachable),
    device === 'webgpu' ? requestDevice() : undefined,
  ])
  env.wasm.numThreads = threads
  env.logLevel = verbose ? 'verbose' : 'error'

  const createSession = async (
    model: Uint8Array,
    files: readonly ExternalFile[],
    on: Device = device,
  ): Promise<Session> => {
    const mounted = files.map((external) => new MountedFile(external))
    try {
      const create = () =>
        InferenceSession.create(model, {
          executionProviders: on === 'webgpu' && webgpu ? [{ name: 'webgpu', device: webgpu.gpu }] : ['wasm'],
          externalData: mounted.map((data) => ({ path: data.path, data })),
          extra: { session: { disable_quant_qdq: '1', ...weightSettings(files, on) } }, // DequantizeLinear is a mere cast here
          logSeverityLevel: verbose ? 0 : 3,
        })
      const session = await (on === 'webgpu' && webgpu ? stagedInPieces(webgpu.gpu, create) : create())
      return wrap(session, Tensor)
    } catch (error) {
      throw explain(error, mounted.find((data) => data.failure !== undefined)?.failure)
    } finally {
      for (const data of mounted) data.free()
    }
  }

  return { device, threads, gpu: webgpu?.gpu, adapter: webgpu?.adapter, createSession }
}

/** Weights of so many bytes count more than the time of a forward pass. */
const LARGE = 2 ** 30

/** An arena grows by powers of two: weights have an allocation of their own each. Packed for the CPU's kernels, onnxruntime's
 * default, they make a forward pass a tenth faster, and the holes that the unpacked ones leave behind take half as much again. A GPU
 * gives the room of those back at once; there they would be turned in each run. */
const weightSettings = (files: readonly ExternalFile[], on: Device) => ({
  use_device_allocator_for_initializers: '1',
  disable_prepacking: on === 'wasm' && files.reduce((sum, { size }) => sum + size, 0) > LARGE ? '1' : '0',
})

function unreachable(cause: unknown): never {
  throw new ExecutionError(
    `onnxruntime's script could not be loaded: ${cause}. Its files must lie beside the library's.`,
    { cause },
  )
}

/**
 * A file as onnxruntime mounts it. It asks a byte array for `byteLength` and `subarray` and nothing else, so this one
 * reads on demand: a whole checkpoint as one array would be in memory a second time.
 */
class MountedFile extends Uint8Array {
  readonly #file: ExternalFile
  #last: Uint8Array<ArrayBuffer> | undefined
  failure: unknown

  constructor(file: ExternalFile) {
    super(0)
    this.#file = file
  }
  get path() {
    return this.#file.path
  }
  override get byteLength() {
    return this.#file.size
  }
  override subarray(start = 0, end = this.byteLength): Uint8Array<ArrayBuffer> {
    this.free()
    try {
      this.#last = this.#file.read(start, end)
      return this.#last
    } catch (error) {
      this.failure ??= error // onnxruntime keeps only that there was one
      throw error
    }
  }
  /** onnxruntime has copied what it asked for; detaching frees it now, a collection of garbage some tensors later. */
  free() {
    free(this.#last?.buffer)
    this.#last = undefined
  }
}

const wrap = (session: InferenceSession, TensorClass: typeof Tensor): Session => ({
  async run(feeds, outputs, resident) {
    const tensors = Object.entries(feeds).map(
      ([name, { dtype, data, shape }]) => [name, new TensorClass(dtype, data, shape)] as const,
    )
    const onDevice = (there: DeviceTensors = {}) =>
      Object.entries(there).map(
        ([name, { buffer, shape }]) =>
          [name, TensorClass.fromGpuBuffer(buffer, { dataType: 'float32', dims: shape })] as const,
      )
    const readBack = outputs.map((name) => [name, null] as const)
    try {
      const results = await session.run(
        Object.fromEntries([...tensors, ...onDevice(resident?.feeds)]),
        Object.fromEntries([...readBack, ...onDevice(resident?.outputs)]),
      )
      return unwrap(Object.fromEntries(outputs.map((name) => [name, results[name]!])))
    } catch (error) {
      throw explain(error)
    }
  },
  release: () => session.release(),
})

function unwrap(results: InferenceSession.ReturnType): PlainTensors {
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => {
      if (!isDType(type))
        throw new ExecutionError(`Output "${name}" is of type ${type}, which has no plain tensor.`)
      const { buffer, byteOffset, byteLength } = data as Float32Array<ArrayBuffer>
      const whole = byteLength === buffer.byteLength
      return [
        name,
        {
          dtype: type,
          shape: [...dims],
          data: arrayOf(type, whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)),
        },
      ]
    }),
  )
}

/** What onnxruntime's words mean; `unread` is why it was not given a weight it asked for. */
function explain(error: unknown, unread?: unknown): Error {
  const cause = unread ?? error
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/bad_alloc|out of memory|failed to allocate|allocation failed|integer overflow/i.test(message)) {
    return new OutOfMemoryError(
      `Out of memory: ${message}. Use smaller batches or shorter inputs, a smaller dtype ('int8' on WASM, 'q4' on WebGPU), or dispose() of models that are no longer used.`,
      { cause },
    )
  }
  if (unread !== undefined) {
    return new ExecutionError(
      `A weight could not be read: ${message}. The file may have changed or left the cache; load the model again.`,
      { cause },
    )
  }
  if (error instanceof WebAssembly.RuntimeError || /Aborted\(/.test(message)) {
    return new WorkerDiedError(`onnxruntime crashed: ${message}. The next call starts a new worker.`, {
      cause,
    })
  }
  return new ExecutionError(`onnxruntime could not go on: ${message}`, { cause })
}
