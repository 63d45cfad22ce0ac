/** @file One exported graph in a session: its inputs and outputs by name, and the caches that go round. */
import { ExecutionError } from '../errors'
import type { ExternalFile, Runtime, Session } from '../session'
import type { PlainTensors } from '../tensor'
import { feedsFor, isCache } from './feeds'
import { readModel, type ValueTypes } from './model-file'

/** An exported file and the files of weights beside it, by the names the graph knows them by. */
export interface OnnxFiles {
  /** The file's own name, without its folder. */
  readonly name: string
  readonly model: Blob
  readonly data: Readonly<Record<string, Blob>>
}

export class OnnxGraph {
  /** What comes out as `present.0.key` goes in as `past_key_values.0.key` the next time: the latter's names → the former's. */
  readonly caches: ReadonlyMap<string, string>

  private constructor(
    readonly inputs: ValueTypes,
    readonly outputs: ValueTypes,
    readonly session: Session,
  ) {
    this.caches = new Map(
      Object.keys(outputs)
        .filter((name) => name.startsWith('present'))
        .map((name) => [name.replace(/^present\./, 'past_key_values.').replace(/^present/, 'past'), name]),
    )
  }

  /**
   * @param mount makes a blob a file that is read on demand
   * @throws {TruncatedFileError} @throws {CorruptCheckpointError} when it is no ONNX file
   * @throws {ExecutionError} when a file of weights is missing, or onnxruntime can't run the graph
   */
  static async open(
    runtime: Runtime,
    { name, model, data }: OnnxFiles,
    mount: (path: string, blob: Blob) => ExternalFile,
  ): Promise<OnnxGraph> {
    const files = { ...data, [name]: model }
    const { onnx, inputs, outputs, locations } = readModel(mount(name, model))
    const missing = [...locations].filter((location) => !Object.hasOwn(files, location))
    if (missing.length > 0) {
      throw new ExecutionError(
        `The weights of "${name}" lie in ${missing.join(', ')}, which is not there. Beside it there is ` +
          `${Object.keys(data).join(', ') || 'nothing'}. Files of weights must keep the names they were exported with.`,
      )
    }
    const mounted = [...locations].map((location) => mount(location, files[location]!))
    return new OnnxGraph(inputs, outputs, await runtime.createSession(onnx, mounted))
  }

  /** Compute outputs of the graph. @throws {InputError} @throws {ExecutionError} */
  async run(given: PlainTensors, outputs: readonly string[]): Promise<PlainTensors> {
    return this.session.run(feedsFor(this.inputs, given), outputs)
  }

  /** The names of the outputs that are no caches. */
  get answers(): string[] {
    const caches = new Set(this.caches.values())
    return Object.keys(this.outputs).filter((name) => !caches.has(name))
  }

  /** The names of the inputs that are no caches. */
  get questions(): string[] {
    return Object.keys(this.inputs).filter((name) => !isCache(name))
  }

  release(): Promise<void> {
    return this.session.release()
  }
}
