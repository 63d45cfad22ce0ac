/** @file A model in training as the page holds it. */
import type { SavedTensor } from '@webformers/hub'
import type { Remote } from 'comlink'
import type { Engine } from '../engine'
import { DeviceLostError, WorkerDiedError } from '../errors'
import { type CallOptions, type Host, Loaded, type RunOptions } from '../loaded'
import type { LoadingInfo, WeightPolicy } from '../resolve'
import { compact, type PlainTensors } from '../tensor'
import type {
  Gradients,
  StepOptions,
  StepResult,
  TrainingProgram,
  TrainingState,
  UpdateOptions,
  UpdateResult,
} from './program'
import type { TrainingSettings } from './training'

const LOST =
  'What was trained since the last state() is lost with it: train the model again and restore() that state.'

/**
 * Its weights and the optimizer's moments live in the worker until `dispose()`. Calls are answered in their order; one that is
 * aborted may still have been carried out, if it had begun.
 */
export class LoadedTraining extends Loaded<LoadingInfo> {
  /** What its checkpoint lacked. */
  info: LoadingInfo = { missing_keys: [], unexpected_keys: [], mismatched_keys: [] }
  /** It never makes room for another program: its weights are nowhere else. */
  override users = 1
  #begun = false

  constructor(
    host: Host,
    id: number,
    readonly program: TrainingProgram,
    readonly files: Record<string, Blob>,
    readonly settings: TrainingSettings,
    readonly policy: WeightPolicy | undefined,
  ) {
    super(host, id)
  }

  async request(engine: Remote<Engine>, call: number): Promise<LoadingInfo> {
    if (this.#begun) throw new WorkerDiedError(`The worker of this training ended. ${LOST}`)
    this.#begun = true
    return engine.train(call, this.id, this.program, this.files, this.settings, this.policy)
  }

  /**
   * Forward and backward. Gradients are added to those of the steps before, until an update uses them up. Like
   * `loss.backward()` in PyTorch.
   * @example
   * const { loss } = await training.step(batch, { seed: 1 }) // 0.6931
   * await training.update({ learningRates: [5e-5, 5e-5], maxGradNorm: 1 }) // { gradNorm: 2.31, skipped: false }
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError}
   * @throws {OutOfMemoryError} with the weights as they were: a smaller batch may follow.
   * @throws {WorkerDiedError} @throws {DeviceLostError} @throws {DisposedError}
   */
  async step(
    inputs: PlainTensors,
    { signal, ...options }: StepOptions & CallOptions = {},
  ): Promise<StepResult> {
    const sent = compact(inputs)
    const results = await this.#tell((engine, call) => engine.step(call, this.id, sent, options), signal)
    const { loss, ...outputs } = results
    return { loss: Number(loss!.data[0]), outputs }
  }

  /**
   * Change the weights by the gradients. Like `optimizer.step()` in PyTorch, after `clip_grad_norm_`.
   * @throws {ExecutionError} when there are no gradients. @throws {InputError} when learning rates are missing.
   * @throws {WorkerDiedError} @throws {DeviceLostError} @throws {DisposedError}
   */
  update({ signal, ...options }: UpdateOptions & CallOptions): Promise<UpdateResult> {
    return this.#tell((engine, call) => engine.update(call, this.id, options), signal)
  }

  /** Forget the gradients. Like `optimizer.zero_grad()` in PyTorch. */
  zeroGrad({ signal }: CallOptions = {}): Promise<void> {
    return this.#tell((engine, call) => engine.zeroGrad(call, this.id), signal)
  }

  /**
   * Compute with the weights as they are now, without dropout.
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError} @throws {ExecutionError}
   */
  evaluate(inputs: PlainTensors, { outputs, signal }: RunOptions = {}): Promise<PlainTensors> {
    const sent = compact(inputs)
    return this.#tell((engine, call) => engine.run(call, this.id, sent, outputs), signal)
  }

  /** The gradients since the last update, by default of all weights. Like `.grad` in PyTorch. */
  gradients(names?: readonly string[], { signal }: CallOptions = {}): Promise<Gradients> {
    return this.#tell((engine, call) => engine.gradients(call, this.id, names), signal)
  }

  /** The weights that are trained, as they are now, for a file of their own or another model. */
  weights({ signal }: CallOptions = {}): Promise<SavedTensor[]> {
    return this.#tell((engine, call) => engine.trained(call, this.id), signal)
  }

  /** All that another training needs to go on as this one would, but for gradients that no update has used. */
  state({ signal }: CallOptions = {}): Promise<TrainingState> {
    return this.#tell((engine, call) => engine.state(call, this.id), signal)
  }

  /**
   * Go on from a state of this training or of another one of the same model.
   * @throws {InputError} when it is the state of another model or optimizer.
   */
  restore(state: TrainingState, { signal }: CallOptions = {}): Promise<void> {
    return this.#tell((engine, call) => engine.restore(call, this.id, state), signal)
  }

  async #tell<T>(
    request: (engine: Remote<Engine>, call: number) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    try {
      return await this.host.ask(this, request, signal)
    } catch (error) {
      const kind = [WorkerDiedError, DeviceLostError].find((kind) => error instanceof kind)
      const { message } = error as Error
      if (!kind || message.includes(LOST)) throw error
      throw new kind(`${message} ${LOST}`, { cause: error })
    }
  }
}
