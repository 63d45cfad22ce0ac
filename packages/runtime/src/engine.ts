/** @file The worker's half: programs and weights become sessions, inputs become outputs. It knows no architecture by name. */
import { type DecodingProgram, initializersOnnx, type Program } from '@webformers/graph'
import { openCheckpoint, type SavedTensor } from '@webformers/hub'
import type { AdapterDescription, Device } from './adapter'
import { DeviceLostError, ExecutionError, WorkerDiedError } from './errors'
import { Caches } from './generation/cache/caches'
import type { CacheReference } from './generation/cache/kept-cache'
import type { Prompt, Turns } from './generation/decoder'
import type { Decoding, Generated } from './generation/decoding'
import type { PageHooks } from './generation/page-hooks'
import type { GenerationRequest } from './generation/settings'
import { checkIds, prepareFeeds, smallInputs } from './inputs'
import { Jobs } from './jobs'
import { type ExportedFiles, type FrozenDescription, openFrozenModel } from './onnx/frozen-model'
import { type LoadingInfo, resolveParameters, type WeightPolicy } from './resolve'
import type { Samples } from './samples'
import { type SaveDType, savedTensors } from './save'
import { fusedKernelsAgree } from './self-check'
import { openRuntime, type Runtime, type RuntimeOptions, type Session } from './session'
import { concatenate, type PlainTensors } from './tensor'
import type {
  Gradients,
  StepOptions,
  TrainingProgram,
  TrainingState,
  UpdateOptions,
  UpdateResult,
} from './training/program'
import type { Training, TrainingSettings } from './training/training'
import { mountedFile, placeWeights, strictPolicy } from './weights'
import { handOver } from './wire'

export interface EngineOptions extends RuntimeOptions {
  /** What the self-check computes. */
  samples: Samples
}

/** What a program may count on here. */
export interface Capabilities {
  readonly device: Device
  /** Whether composite operations may become kernels: they were found right on this device. */
  readonly fused: boolean
  /** Whether the device computes in half precision. */
  readonly float16: boolean
  readonly threads: number
  /** The GPU; `undefined` on WASM. */
  readonly adapter: AdapterDescription | undefined
}

/** Who takes part in a generation: models and a cache, by their numbers, and who asks for it. */
export interface GenerationParties {
  readonly model: number
  /** A smaller model, for assisted decoding. */
  readonly draft?: number
  readonly cache?: CacheReference
  /** Whether the page may give it up. */
  readonly abortable: boolean
}

/** A model that is ready to run. */
interface Loaded {
  run(inputs: PlainTensors, outputs?: readonly string[]): Promise<PlainTensors>
  release(): Promise<void>
}

export class Engine {
  #runtime: Promise<Runtime> | undefined
  readonly #models = new Map<number, Loaded>()
  readonly #trainings = new Map<number, Training>()
  readonly #decodings = new Map<number, Decoding>()
  readonly #caches = new Caches()
  #lost: Promise<DeviceLostError> | undefined
  readonly #jobs = new Jobs((error) => this.#blame(error))
  #fail: (error: Error) => void = () => {}
  readonly #failure = new Promise<never>((_, reject) => {
    this.#fail = reject
  })

  constructor() {
    this.#failure.catch(() => {}) // whoever asks for it handles it
  }

  /** Keep a lock until this worker ends, however it ends; answers once it is held. */
  hold(lock: string): Promise<void> {
    return new Promise((held, failed) => {
      navigator.locks
        .request(lock, () => {
          held()
          return new Promise(() => {})
        })
        .catch(failed)
    })
  }

  /** Rejects when this engine can't go on, with the reason. */
  failure(): Promise<never> {
    return this.#failure
  }

  /**
   * Load and compile onnxruntime and get the device; call it early, it needs no model.
   * @throws {UnsupportedDeviceError}
   */
  open(options: EngineOptions): Promise<Capabilities> {
    // A job like any other: onnxruntime breaks when a model's session is made beside one of the self-check.
    return this.#jobs.add(undefined, async () => {
      this.#runtime ??= openRuntime(options)
      const runtime = await this.#runtime
      const { device, threads, gpu, adapter } = runtime
      this.#lost ??= gpu?.lost.then(({ message }) => {
        const error = new DeviceLostError(
          `The GPU device was lost: ${message || 'no reason given.'} ${RELOADS}`,
        )
        this.#fail(error)
        return error
      })
      const fused = await fusedKernelsAgree(runtime, options.samples)
      if (!fused) {
        console.warn(
          `webformers: the fused kernels of this GPU (${adapter?.vendor} ${adapter?.architecture}) give wrong numbers; ` +
            'plain operations are used instead, which are slower.',
        )
      }
      return { device, fused, float16: gpu?.features.has('shader-f16') ?? false, threads, adapter }
    })
  }

  /**
   * Make the model `id` of a program and the checkpoint that holds its weights, ready to run; tells what the checkpoint lacked.
   * @throws {MissingTensorError} @throws {TensorShapeError} @throws {CorruptCheckpointError} @throws {OutOfMemoryError}
   */
  load(
    call: number,
    id: number,
    program: Program,
    files: Record<string, Blob>,
    policy: WeightPolicy = strictPolicy(program),
  ): Promise<LoadingInfo> {
    return this.#jobs.add(call, async (signal) => {
      const runtime = await this.#opened()
      const used = new Set(program.parameters.map(({ sources }) => sources[0]!))
      const checkpoint = await openCheckpoint(files)
      const { entries, info } = resolveParameters(checkpoint.entries, policy, used)
      const weights = placeWeights(program.parameters, entries)
      signal.throwIfAborted()
      const model = concatenate(program.onnx, initializersOnnx(weights.initializers))
      const session = await runtime.createSession(model, weights.files)
      try {
        signal.throwIfAborted()
        // The first run on a GPU compiles its shaders; the user's should not be the first.
        if (runtime.gpu)
          await session.run(prepareFeeds(program, smallInputs(program)), Object.keys(program.outputs))
        signal.throwIfAborted()
      } catch (error) {
        await session.release()
        throw error
      }
      this.#models.set(id, {
        run: (inputs, outputs) => runProgram(program, session, inputs, outputs),
        release: () => session.release(),
      })
      return info
    })
  }

  /**
   * Make the model `id` of the graphs that somebody exported, ready to run; tells what it takes and gives.
   * @throws {TruncatedFileError} @throws {CorruptCheckpointError} @throws {ExecutionError} @throws {OutOfMemoryError}
   */
  loadExported(
    call: number,
    id: number,
    files: ExportedFiles,
    below: Readonly<Record<string, number>>,
  ): Promise<FrozenDescription> {
    return this.#jobs.add(call, async (signal) => {
      const model = await openFrozenModel(await this.#opened(), files, mountedFile, signal)
      this.#models.set(id, {
        run(inputs, outputs) {
          for (const [name, limit] of Object.entries(below))
            if (inputs[name]) checkIds(name, inputs[name], { below: limit })
          return model.run(inputs, outputs)
        },
        release: () => model.release(),
      })
      return model.description
    })
  }

  /**
   * Compute outputs of the model `id`, by default all that its program gives.
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError} @throws {ExecutionError}
   */
  run(call: number, id: number, inputs: PlainTensors, outputs?: readonly string[]): Promise<PlainTensors> {
    return this.#jobs.add(call, async () => handOver(await this.#models.get(id)!.run(inputs, outputs)))
  }

  /**
   * Make the model `id` ready to be trained; to run it is to evaluate it. Tells what the checkpoint lacked.
   * @throws {MissingTensorError} @throws {TensorShapeError} @throws {CorruptCheckpointError} @throws {OutOfMemoryError}
   * @throws {InputError}
   */
  train(
    call: number,
    id: number,
    program: TrainingProgram,
    files: Record<string, Blob>,
    settings: TrainingSettings,
    policy?: WeightPolicy,
  ): Promise<LoadingInfo> {
    return this.#jobs.add(call, async (signal) => {
      const { startTraining } = await import('./training/training')
      const runtime = await this.#opened()
      const { training, info } = await startTraining(runtime, program, files, settings, policy)
      this.#models.set(id, training)
      this.#trainings.set(id, training)
      signal.throwIfAborted()
      return info
    })
  }

  /**
   * Make the model `id` ready to generate; tells what the checkpoint lacked.
   * @throws {MissingTensorError} @throws {TensorShapeError} @throws {CorruptCheckpointError} @throws {OutOfMemoryError}
   */
  decode(
    call: number,
    id: number,
    program: DecodingProgram,
    files: Record<string, Blob>,
    policy?: WeightPolicy,
  ): Promise<LoadingInfo> {
    return this.#jobs.add(call, async (signal) => {
      const { Decoding } = await import('./generation/decoding')
      const { decoding, info } = await Decoding.load(await this.#opened(), program, files, policy, signal)
      this.#decodings.set(id, decoding)
      return info
    })
  }

  /**
   * Generate with a model. Each run of it is a job of its own, so that others have their turns.
   * @param cache what the model goes on from, which keeps what it reads
   * @param asked the names of the hooks that the page has
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError} @throws {ExecutionError}
   */
  async generate(
    call: number,
    { model, draft, cache, abortable }: GenerationParties,
    prompt: Prompt,
    request: GenerationRequest,
    page: PageHooks,
    asked: readonly string[],
  ): Promise<Generated> {
    const { hooksOf } = await import('./generation/page-hooks')
    const jobs = this.#jobs
    const turns: Turns = Object.assign(<T>(job: () => Promise<T>) => jobs.add(undefined, job), {
      hurried: () => abortable || jobs.waiting > 0,
      soon: () => jobs.current,
    })
    return jobs.during(call, async (signal) => {
      const decoding = this.#decodings.get(model)!
      const smaller = draft === undefined ? undefined : this.#decodings.get(draft)
      const generation = { turns, prompt, request, hooks: hooksOf(page, asked), draft: smaller, signal }
      if (!cache) return await decoding.generate(generation)
      return await this.#caches.use(cache.id, (kept) => {
        signal.throwIfAborted()
        return decoding.generate({ ...generation, kept: { cache: kept, reference: cache } })
      })
    })
  }

  /** Forward and backward of the model `id`: its gradients are added to those that are there. */
  step(call: number, id: number, inputs: PlainTensors, options: StepOptions): Promise<PlainTensors> {
    return this.#jobs.add(call, async () => handOver(await this.#training(id).step(inputs, options)))
  }

  /** Change the weights of the model `id` by its gradients, which are used up. */
  update(call: number, id: number, options: UpdateOptions): Promise<UpdateResult> {
    return this.#jobs.add(call, () => this.#training(id).update(options))
  }

  /** Forget the gradients of the model `id`. */
  zeroGrad(call: number, id: number): Promise<void> {
    return this.#jobs.add(call, async () => this.#training(id).zeroGrad())
  }

  /** The gradients of the model `id`, by default of all its weights. */
  gradients(call: number, id: number, names?: readonly string[]): Promise<Gradients> {
    return this.#jobs.add(call, async () => handOver(await this.#training(id).gradients(names)))
  }

  /** The weights of the model `id` that are trained. */
  trained(call: number, id: number): Promise<SavedTensor[]> {
    return this.#jobs.add(call, () => this.#training(id).weights())
  }

  /** All that the training of the model `id` needs to go on elsewhere. */
  state(call: number, id: number): Promise<TrainingState> {
    return this.#jobs.add(call, () => this.#training(id).state())
  }

  /** Let the training of the model `id` go on from a state. */
  restore(call: number, id: number, state: TrainingState): Promise<void> {
    return this.#jobs.add(call, () => this.#training(id).restore(state))
  }

  /**
   * The weights of a model, for a file of its own: parts of the checkpoint, and what is converted.
   * @throws {CorruptCheckpointError} @throws {TensorShapeError}
   */
  save(
    call: number,
    files: Record<string, Blob>,
    policy: WeightPolicy,
    dtype?: SaveDType,
  ): Promise<SavedTensor[]> {
    return this.#jobs.add(call, async (signal) =>
      savedTensors(await openCheckpoint(files), policy, dtype, signal),
    )
  }

  /** Free what the model `id` holds. */
  release(id: number): Promise<void> {
    return this.#jobs.add(undefined, async () => {
      const loaded = this.#models.get(id) ?? this.#decodings.get(id)
      this.#models.delete(id)
      this.#trainings.delete(id)
      this.#decodings.delete(id)
      await loaded?.release()
    })
  }

  /** Forget what the encoder of a model gave last. */
  releaseEncoding(id: number): void {
    this.#decodings.get(id)?.encodings.release()
  }

  /** Free a cache. */
  releaseCache(id: number): Promise<void> {
    return this.#caches.release(id)
  }

  /** What a cache holds, as a file; nothing where it is empty. */
  saveCache(call: number, id: number, length?: number): Promise<Blob | undefined> {
    return this.#caches.use(id, (kept) =>
      this.#jobs.add(call, async () => {
        const { savedCache } = await import('./generation/cache/saved-cache')
        return savedCache(kept, length)
      }),
    )
  }

  /** How many tokens of each row a cache holds. */
  cacheLength(id: number): Promise<number> {
    return this.#caches.use(id, async (kept) => kept.length)
  }

  /** Give up a call that nobody waits for any more: one that has not begun never does. */
  cancel(call: number) {
    this.#jobs.cancel(call)
  }

  #training(id: number): Training {
    return this.#trainings.get(id)!
  }

  #opened(): Promise<Runtime> {
    if (!this.#runtime) throw new ExecutionError('The engine was not opened. Call open() first.')
    return this.#runtime
  }

  /** Throw an error, or what is behind it. */
  async #blame(error: unknown): Promise<never> {
    // A device that is lost makes computations fail shortly before it tells.
    const lost = error instanceof ExecutionError && (await Promise.race([this.#lost, pause(100)]))
    if (error instanceof WorkerDiedError) this.#fail(error)
    throw lost || error
  }
}

function runProgram(
  program: Program,
  session: Session,
  inputs: PlainTensors,
  outputs: readonly string[] = Object.keys(program.outputs),
): Promise<PlainTensors> {
  const unknown = outputs.filter((name) => !Object.hasOwn(program.outputs, name))
  if (unknown.length > 0) {
    const known = Object.keys(program.outputs).join(', ')
    throw new ExecutionError(`Unknown output ${unknown.join(', ')}. This program gives ${known}.`)
  }
  return session.run(prepareFeeds(program, inputs), outputs)
}

const RELOADS = 'The next call loads the model again.'

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
