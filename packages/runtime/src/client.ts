/** @file The page's half: a worker of its own for each client, started when it is needed and again when it was lost. */
import type { Program } from '@webformers/graph'
import { Connection } from './connection'
import type { Capabilities } from './engine'
import { DisposedError } from './errors'
import type { LoadingInfo, WeightPolicy } from './resolve'
import type { RuntimeOptions } from './session'
import { spawn } from './spawn'
import { compact, type PlainTensors } from './tensor'

export interface ClientOptions extends RuntimeOptions {
  /** Makes the worker; by default this package's own. */
  spawn?: () => Worker
}
export interface CallOptions {
  /** Rejects the call at once when it aborts; what still comes is dropped. */
  signal?: AbortSignal
}
export interface ProgramOptions extends CallOptions {
  /** What the model takes from the checkpoint; by default the program's parameters, all of them, as they are. */
  policy?: WeightPolicy
}
export interface RunOptions extends CallOptions {
  /** The outputs to read back, by default all that the program gives. */
  outputs?: readonly string[]
}

/** How many programs over the same weights one worker keeps at a time. */
const KEPT = 2

/**
 * Start a worker and let it load onnxruntime; everything else can wait for the model's files.
 * @example
 * await using client = connect({ device: 'wasm' })
 * const { fused } = await client.open()
 * const model = await client.load(program, files)
 * const { logits } = await model.run({ input_ids }) // { dtype: 'float32', shape: [1, 2], data: Float32Array }
 */
export const connect = (options: ClientOptions): Client => new Client(options)

export class Client implements AsyncDisposable {
  readonly #options: RuntimeOptions
  readonly #spawn: () => Worker
  #connection: Connection
  #disposed = false
  #ids = 0
  /** The programs in the current worker, the one used longest ago first. */
  readonly #loaded = new Map<LoadedProgram, Promise<LoadingInfo>>()
  readonly #programs = new Set<LoadedProgram>()

  constructor({ spawn: make = spawn, ...options }: ClientOptions) {
    this.#options = options
    this.#spawn = make
    this.#connection = new Connection(make, options)
  }

  /**
   * Wait for the device, and learn what a program may count on.
   * @throws {UnsupportedDeviceError} when the browser does not have the device.
   */
  open({ signal }: CallOptions = {}): Promise<Capabilities> {
    return this.#live((connection) => connection.call(() => connection.capabilities, signal))
  }

  /**
   * Load a program with the weights it names from the files of a checkpoint.
   * @throws {MissingTensorError} @throws {TensorShapeError} @throws {CorruptCheckpointError} @throws {OutOfMemoryError}
   */
  async load(
    program: Program,
    files: Record<string, Blob>,
    { policy, signal }: ProgramOptions = {},
  ): Promise<LoadedProgram> {
    this.#ids += 1
    const loaded = new LoadedProgram(this, this.#ids, program, files, policy)
    this.#programs.add(loaded)
    try {
      loaded.info = await this.#live((connection) => this.#load(connection, loaded, signal))
      return loaded
    } catch (error) {
      this.#programs.delete(loaded)
      this.#connection.tell((engine) => engine.release(loaded.id)) // it may just have been ready when the call was aborted
      throw error
    }
  }

  /** Used by LoadedProgram.run(). */
  async run(
    loaded: LoadedProgram,
    inputs: PlainTensors,
    { outputs, signal }: RunOptions,
  ): Promise<PlainTensors> {
    loaded.users += 1
    try {
      const connection = await this.#ready(loaded, signal)
      const sent = compact(inputs)
      return await connection.call((engine, call) => engine.run(call, loaded.id, sent, outputs), signal)
    } finally {
      loaded.users -= 1
    }
  }

  /** Used by LoadedProgram.dispose(): a worker that holds nothing is ended. */
  release(loaded: LoadedProgram) {
    if (!this.#programs.delete(loaded)) return
    if (this.#programs.size === 0) this.#connection.end(disposed())
    else this.#unload(loaded)
  }

  /** End the worker and free all it holds; calls under way reject with a DisposedError. */
  async dispose(): Promise<void> {
    this.#disposed = true
    this.#programs.clear()
    this.#connection.end(disposed())
  }
  [Symbol.asyncDispose]() {
    return this.dispose()
  }

  /** Do something with a worker that lives. */
  #live<T>(act: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#disposed) return Promise.reject(disposed())
    if (this.#connection.ended) {
      this.#loaded.clear()
      this.#connection = new Connection(this.#spawn, this.#options)
    }
    return act(this.#connection)
  }

  /** A worker that holds the program; loads it where it was lost or had to make room. */
  async #ready(loaded: LoadedProgram, signal: AbortSignal | undefined): Promise<Connection> {
    for (;;) {
      if (!this.#programs.has(loaded)) throw disposed()
      const connection = await this.#live(async (live) => {
        const loading = this.#loaded.get(loaded) ?? this.#load(live, loaded)
        await live.call(() => loading, signal) // the loading itself serves others too and goes on
        return live
      })
      const loading = this.#loaded.get(loaded)
      if (connection.ended || !loading) continue
      this.#loaded.delete(loaded)
      this.#loaded.set(loaded, loading)
      return connection
    }
  }

  #load(connection: Connection, loaded: LoadedProgram, signal?: AbortSignal): Promise<LoadingInfo> {
    const idle = [...this.#loaded.keys()].filter(({ users }) => users === 0)
    for (const oldest of idle.slice(0, Math.max(0, this.#loaded.size - KEPT + 1))) this.#unload(oldest)
    const { id, program, files, policy } = loaded
    const loading = connection.call((engine, call) => engine.load(call, id, program, files, policy), signal)
    this.#loaded.set(loaded, loading)
    loading.catch(() => {
      if (this.#loaded.get(loaded) === loading) this.#loaded.delete(loaded)
    })
    return loading
  }

  #unload(loaded: LoadedProgram) {
    if (this.#loaded.delete(loaded)) this.#connection.tell((engine) => engine.release(loaded.id))
  }
}

/** A program with its weights, somewhere in a worker. */
export class LoadedProgram implements Disposable {
  /** Calls that wait for it. */
  users = 0
  /** What its checkpoint lacked. */
  info: LoadingInfo = { missing_keys: [], unexpected_keys: [], mismatched_keys: [] }
  readonly #client: Client

  constructor(
    client: Client,
    readonly id: number,
    readonly program: Program,
    readonly files: Record<string, Blob>,
    readonly policy: WeightPolicy | undefined,
  ) {
    this.#client = client
  }

  /**
   * Compute. Inputs are copied, outputs handed over. A worker that was lost is started again first.
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError} @throws {WorkerDiedError}
   * @throws {DeviceLostError} @throws {DisposedError}
   */
  run(inputs: PlainTensors, options: RunOptions = {}): Promise<PlainTensors> {
    return this.#client.run(this, inputs, options)
  }

  /** Free it; the last one of a client ends the worker. */
  dispose() {
    this.#client.release(this)
  }
  [Symbol.dispose]() {
    this.dispose()
  }
}

const disposed = () => new DisposedError('This model was disposed. Load it again with fromPretrained().')
