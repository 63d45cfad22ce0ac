/** @file The page's half: a worker of its own for each client, started when it is needed and again when it was lost. */
import type { DecodingProgram, Program } from '@webformers/graph'
import type { SavedTensor } from '@webformers/hub'
import { Connection, type Request } from './connection'
import type { Capabilities } from './engine'
import { DisposedError } from './errors'
import type { LoadedDecoder } from './generation/loaded-decoder'
import { type CallOptions, type Loaded, LoadedExport, LoadedProgram } from './loaded'
import type { ExportedFiles } from './onnx/frozen-model'
import type { WeightPolicy } from './resolve'
import type { SaveDType } from './save'
import type { RuntimeOptions } from './session'
import { spawn } from './spawn'
import type { LoadedTraining } from './training/loaded-training'
import type { TrainingProgram } from './training/program'
import type { TrainingSettings } from './training/training'

export interface ClientOptions extends RuntimeOptions {
  /** Makes the worker; by default this package's own. */
  spawn?: () => Worker
}
export interface ProgramOptions extends CallOptions {
  /** What the model takes from the checkpoint; by default the program's parameters, all of them, as they are. */
  policy?: WeightPolicy
}
export interface TrainingOptions extends ProgramOptions, TrainingSettings {}
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
  readonly #loaded = new Map<Loaded, Promise<unknown>>()
  readonly #programs = new Set<Loaded>()

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
    loaded.info = await this.#begin(loaded, signal)
    return loaded
  }

  /**
   * Load a model whose graphs somebody exported.
   * @param below what the ids of an input must be smaller than, by its name
   * @throws {TruncatedFileError} @throws {CorruptCheckpointError} @throws {ExecutionError} @throws {OutOfMemoryError}
   */
  async loadExported(
    files: ExportedFiles,
    below: Readonly<Record<string, number>>,
    { signal }: CallOptions = {},
  ): Promise<LoadedExport> {
    this.#ids += 1
    const loaded = new LoadedExport(this, this.#ids, files, below)
    loaded.description = await this.#begin(loaded, signal)
    return loaded
  }

  /**
   * Make a model ready to generate, with the weights of a checkpoint.
   * @throws {MissingTensorError} @throws {TensorShapeError} @throws {CorruptCheckpointError} @throws {OutOfMemoryError}
   */
  async decode(
    program: DecodingProgram,
    files: Record<string, Blob>,
    { policy, signal }: ProgramOptions = {},
  ): Promise<LoadedDecoder> {
    const { LoadedDecoder } = await import('./generation/loaded-decoder')
    this.#ids += 1
    const loaded = new LoadedDecoder(this, this.#ids, program, files, policy)
    loaded.info = await this.#begin(loaded, signal)
    return loaded
  }

  /**
   * Make a model ready to be trained, with the weights of a checkpoint for a start.
   * @example
   * using training = await client.train(program, files, { optimizer })
   * const { loss } = await training.step(batch)
   * await training.update({ learningRates: [5e-5] })
   * @throws {MissingTensorError} @throws {TensorShapeError} @throws {CorruptCheckpointError} @throws {OutOfMemoryError}
   * @throws {InputError} when the optimizer's groups do not hold each weight once.
   */
  async train(
    program: TrainingProgram,
    files: Record<string, Blob>,
    { policy, signal, ...settings }: TrainingOptions,
  ): Promise<LoadedTraining> {
    const { LoadedTraining } = await import('./training/loaded-training')
    this.#ids += 1
    const loaded = new LoadedTraining(this, this.#ids, program, files, settings, policy)
    loaded.info = await this.#begin(loaded, signal)
    return loaded
  }

  async #begin<Told>(loaded: Loaded<Told>, signal: AbortSignal | undefined): Promise<Told> {
    this.#programs.add(loaded)
    try {
      return await this.#live((connection) => this.#load(connection, loaded, signal))
    } catch (error) {
      this.#programs.delete(loaded)
      this.#connection.tell((engine) => engine.release(loaded.id)) // it may just have been ready when the call was aborted
      throw error
    }
  }

  /** Used by Loaded. */
  async ask<T>(loaded: Loaded, request: Request<T>, signal: AbortSignal | undefined): Promise<T> {
    loaded.users += 1
    try {
      return await (await this.#ready(loaded, signal)).call(request, signal)
    } finally {
      loaded.users -= 1
    }
  }

  /** Used by LoadedDecoder. */
  async askWorker<T>(request: Request<T>): Promise<T | undefined> {
    return this.#connection.ended ? undefined : this.#connection.call(request)
  }

  /** Used by Loaded.dispose(): a worker that holds nothing is ended. */
  release(loaded: Loaded) {
    if (!this.#programs.delete(loaded)) return
    if (this.#programs.size === 0) this.#connection.end(disposed())
    else this.#unload(loaded)
  }

  /**
   * The weights of a model, for a file of its own: parts of the checkpoint, and what a worker has converted to `dtype`.
   * @throws {CorruptCheckpointError} @throws {TensorShapeError} @throws {DisposedError}
   */
  save(
    files: Record<string, Blob>,
    policy: WeightPolicy,
    { dtype, signal }: CallOptions & { dtype?: SaveDType } = {},
  ): Promise<SavedTensor[]> {
    return this.#live((connection) =>
      connection.call((engine, call) => engine.save(call, files, policy, dtype), signal),
    )
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
  async #ready(loaded: Loaded, signal: AbortSignal | undefined): Promise<Connection> {
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

  #load<Told>(connection: Connection, loaded: Loaded<Told>, signal?: AbortSignal): Promise<Told> {
    const idle = [...this.#loaded.keys()].filter(({ users }) => users === 0)
    for (const oldest of idle.slice(0, Math.max(0, this.#loaded.size - KEPT + 1))) this.#unload(oldest)
    const loading = connection.call((engine, call) => loaded.request(engine, call), signal)
    this.#loaded.set(loaded, loading)
    loading.catch(() => {
      if (this.#loaded.get(loaded) === loading) this.#loaded.delete(loaded)
    })
    return loading
  }

  #unload(loaded: Loaded) {
    if (this.#loaded.delete(loaded)) this.#connection.tell((engine) => engine.release(loaded.id))
  }
}

const disposed = () => new DisposedError('This model was disposed. Load it again with fromPretrained().')
