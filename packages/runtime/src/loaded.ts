/** @file What a worker holds for the page: a program with its weights, or a model that somebody exported. */
import type { Program } from '@webformers/graph'
import type { Remote } from 'comlink'
import type { Request } from './connection'
import type { Engine } from './engine'
import type { ExportedFiles, FrozenDescription } from './onnx/frozen-model'
import type { LoadingInfo, WeightPolicy } from './resolve'
import { compact, type PlainTensors } from './tensor'

export interface CallOptions {
  /** Rejects the call at once when it aborts; what still comes is dropped. */
  signal?: AbortSignal
}
export interface RunOptions extends CallOptions {
  /** The outputs to read back, by default all that there are. */
  outputs?: readonly string[]
}

/** Whoever has the workers. */
export interface Host {
  /** Ask an engine that holds it. */
  ask<T>(loaded: Loaded, request: Request<T>, signal: AbortSignal | undefined): Promise<T>
  release(loaded: Loaded): void
  /** Ask the worker there is, whatever it holds; nothing where there is none. */
  askWorker<T>(request: Request<T>): Promise<T | undefined>
}

/** Something in a worker; `Told` is what the worker tells of it when it is loaded. */
export abstract class Loaded<Told = unknown> implements Disposable {
  /** Calls that wait for it. */
  users = 0

  constructor(
    protected readonly host: Host,
    readonly id: number,
  ) {}

  /** Have an engine load it: the first one, and another where that was lost. */
  abstract request(engine: Remote<Engine>, call: number): Promise<Told>

  /** Free it; the last one of a client ends the worker. */
  dispose() {
    this.host.release(this)
  }
  [Symbol.dispose]() {
    this.dispose()
  }
}

/** A model that only computes. */
abstract class Computing<Told> extends Loaded<Told> {
  /**
   * Compute. Inputs are copied, outputs handed over. A worker that was lost is started again first.
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError} @throws {WorkerDiedError}
   * @throws {DeviceLostError} @throws {DisposedError}
   */
  async run(inputs: PlainTensors, { outputs, signal }: RunOptions = {}): Promise<PlainTensors> {
    const sent = compact(inputs)
    return this.host.ask(this, (engine, call) => engine.run(call, this.id, sent, outputs), signal)
  }
}

/** A program with its weights. */
export class LoadedProgram extends Computing<LoadingInfo> {
  /** What its checkpoint lacked. */
  info: LoadingInfo = { missing_keys: [], unexpected_keys: [], mismatched_keys: [] }

  constructor(
    host: Host,
    id: number,
    readonly program: Program,
    readonly files: Record<string, Blob>,
    readonly policy: WeightPolicy | undefined,
  ) {
    super(host, id)
  }

  request(engine: Remote<Engine>, call: number) {
    return engine.load(call, this.id, this.program, this.files, this.policy)
  }
}

/** A model whose graphs somebody exported. */
export class LoadedExport extends Computing<FrozenDescription> {
  /** What it takes and gives. */
  description: FrozenDescription = { inputs: {}, outputs: {}, cache: [] }

  constructor(
    host: Host,
    id: number,
    readonly files: ExportedFiles,
    readonly below: Readonly<Record<string, number>>,
  ) {
    super(host, id)
  }

  request(engine: Remote<Engine>, call: number) {
    return engine.loadExported(call, this.id, this.files, this.below)
  }
}
