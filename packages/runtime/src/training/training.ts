/** @file A model in training, in its worker: gradients accumulate, updates use them up. */
import type { Parameter } from '@webformers/graph'
import { openCheckpoint, type SavedTensor, type TensorEntry } from '@webformers/hub'
import { ExecutionError, InputError, OutOfMemoryError } from '../errors'
import { type LoadingInfo, resolveParameters } from '../resolve'
import type { Runtime } from '../session'
import type { PlainTensors } from '../tensor'
import { strictPolicy } from '../weights'
import { TRAINING_MEMORY } from './advice'
import type { Backend } from './backend'
import { DeviceBackend } from './device/backend'
import { HostBackend } from './host/backend'
import { LossScale } from './loss-scale'
import { momentName, moments } from './moments'
import type {
  Gradients,
  LossScaling,
  Optimizer,
  StepOptions,
  TrainingProgram,
  TrainingState,
  UpdateOptions,
  UpdateResult,
} from './program'
import { opened, saved } from './weights'

/** What is added to the norm that clips, as torch has it. */
const CLIP_EPSILON = 1e-6

export interface TrainingSettings {
  readonly optimizer: Optimizer
  readonly lossScaling?: LossScaling
}

/**
 * Make a model ready to be trained, and tell what the checkpoint lacked.
 * @throws {MissingTensorError} @throws {TensorShapeError} @throws {CorruptCheckpointError} @throws {OutOfMemoryError}
 * @throws {InputError} when the groups are not those of the weights.
 */
export async function startTraining(
  runtime: Runtime,
  program: TrainingProgram,
  files: Record<string, Blob>,
  settings: TrainingSettings,
  policy = strictPolicy({ parameters: parametersOf(program) }),
): Promise<{ training: Training; info: LoadingInfo }> {
  const used = new Set(parametersOf(program).map(({ sources }) => sources[0]!))
  const checkpoint = await openCheckpoint(files)
  const { entries, info } = resolveParameters(checkpoint.entries, policy, used)
  return { training: await advising(() => Training.create(runtime, program, entries, settings)), info }
}

/** All weights, frozen or trained. */
const parametersOf = ({ step, evaluate, trainable }: TrainingProgram): Parameter[] => [
  ...step.parameters,
  ...(evaluate?.parameters ?? []),
  ...trainable.map(({ name, sources, shape }) => ({ name, sources, shape, dtype: 'float32' as const })),
]

export class Training {
  readonly #program: TrainingProgram
  readonly #backend: Backend
  readonly #moments: readonly { name: string; shape: readonly number[] }[]
  readonly #groups: number
  readonly #lossScale: LossScale
  #steps = 0
  /** Whether there are gradients to use. */
  #pending = false

  private constructor(program: TrainingProgram, backend: Backend, settings: TrainingSettings) {
    const { optimizer, lossScaling } = settings
    this.#program = program
    this.#backend = backend
    this.#groups = optimizer.groups.length
    this.#lossScale = new LossScale(lossScaling)
    this.#moments = program.trainable.flatMap(({ name, shape }) =>
      moments(optimizer, shape).map((moment) => ({ ...moment, name: momentName(moment.kind, name) })),
    )
  }

  /** @param entries what the checkpoint holds, by the name of the parameter */
  static async create(
    runtime: Runtime,
    program: TrainingProgram,
    entries: ReadonlyMap<string, TensorEntry>,
    settings: TrainingSettings,
  ): Promise<Training> {
    const kind = program.layout === 'flat' ? DeviceBackend : HostBackend
    const backend = await kind.create({ runtime, program, entries, optimizer: settings.optimizer })
    return new Training(program, backend, settings)
  }

  /** Forward and backward: `loss` and the outputs asked for. */
  async step(
    inputs: PlainTensors,
    { seed = 0, scale = 1, outputs = [] }: StepOptions,
  ): Promise<PlainTensors> {
    known(outputs, this.#program.step.outputs)
    const lossScale = scale * this.#lossScale.state.scale
    const asked = ['loss', ...outputs]
    const results = await advising(() => this.#backend.step(inputs, { outputs: asked, seed, lossScale }))
    this.#pending = true
    return results
  }

  async update({ learningRates, maxGradNorm }: UpdateOptions): Promise<UpdateResult> {
    if (!this.#pending)
      throw new ExecutionError('There are no gradients to update the weights by. Call step() first.')
    if (learningRates.length !== this.#groups)
      throw new InputError(
        `update() needs a learning rate for each of the ${this.#groups} parameter groups, got ${learningRates.length}.`,
      )
    const { scale } = this.#lossScale.state
    const scaled = this.#lossScale.settings !== undefined
    const gradNorm =
      scaled || maxGradNorm !== undefined ? (await this.#backend.gradNorm()) / scale : undefined
    const skipped = scaled && !Number.isFinite(gradNorm)
    if (skipped) this.#backend.zeroGrad()
    else {
      const clip = maxGradNorm === undefined ? 1 : Math.min(1, maxGradNorm / (gradNorm! + CLIP_EPSILON))
      await this.#backend.update({ learningRates, factor: clip / scale, step: this.#steps + 1 })
      this.#steps += 1
    }
    this.#lossScale.adapt(skipped)
    this.#pending = false
    return { gradNorm, skipped }
  }

  zeroGrad() {
    this.#backend.zeroGrad()
    this.#pending = false
  }

  /** Forward alone, with the weights as they are. */
  async run(inputs: PlainTensors, outputs?: readonly string[]): Promise<PlainTensors> {
    const { evaluate } = this.#program
    if (!evaluate) throw new ExecutionError('This training has no program for evaluation.')
    if (outputs) known(outputs, evaluate.outputs)
    return advising(() => this.#backend.evaluate(inputs, outputs ?? Object.keys(evaluate.outputs)))
  }

  /** The sums of the gradients since the last update. */
  async gradients(
    names: readonly string[] = this.#program.trainable.map(({ name }) => name),
  ): Promise<Gradients> {
    const trained = Object.fromEntries(this.#program.trainable.map(({ name }) => [name, true]))
    known(names, trained, 'weight')
    const gradients = await this.#backend.gradients(names)
    const { scale } = this.#lossScale.state
    if (scale !== 1)
      for (const { data } of Object.values(gradients)) for (let i = 0; i < data.length; i++) data[i]! /= scale
    return gradients
  }

  async weights(): Promise<SavedTensor[]> {
    const { trainable } = this.#program
    return saved(trainable, await this.#backend.read(trainable.map(({ name }) => name)))
  }

  async state(): Promise<TrainingState> {
    const remembered = await this.#backend.read(this.#moments.map(({ name }) => name))
    return {
      weights: await this.weights(),
      moments: saved(this.#moments, remembered),
      steps: this.#steps,
      lossScale: this.#lossScale.state,
    }
  }

  /** Go on from where another training of the model was; gradients are forgotten. */
  async restore({ weights, moments, steps, lossScale }: TrainingState): Promise<void> {
    const vectors = await opened([...this.#program.trainable, ...this.#moments], [...weights, ...moments])
    await this.#backend.write(vectors)
    this.#steps = steps
    this.#lossScale.state = lossScale
    this.zeroGrad()
  }

  release(): Promise<void> {
    return this.#backend.release()
  }
}

function known(names: readonly string[], there: Readonly<Record<string, unknown>>, what = 'output') {
  const unknown = names.filter((name) => !Object.hasOwn(there, name))
  if (unknown.length > 0)
    throw new ExecutionError(
      `Unknown ${what} ${unknown.join(', ')}. This training gives ${Object.keys(there).join(', ')}.`,
    )
}

/** Say what a training can do where memory runs out; it does not lose its weights by that. */
async function advising<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error
    const advice = new OutOfMemoryError(`Training ran out of memory. ${TRAINING_MEMORY}`, { cause: error })
    advice.recoverable = true
    throw advice
  }
}
