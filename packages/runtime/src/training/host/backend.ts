/** @file Training on WASM: the session computes gradients, the optimizer changes weights that lie beside it. */
import { initializersOnnx, type Program } from '@webformers/graph'
import { checkIds, prepareFeeds } from '../../inputs'
import type { Runtime, Session } from '../../session'
import { free } from '../../staging'
import { concatenate, type PlainTensor, type PlainTensors, sizeOf } from '../../tensor'
import { placeWeights } from '../../weights'
import { type Backend, type BackendStep, type BackendUpdate, momentsOf, type Setting, type Vectors } from '../backend'
import { groupsOf } from '../groups'
import type { Gradients, Optimizer, Trainable } from '../program'
import { valuesOf } from '../weights'
import { adafactor } from './adafactor'
import { ADAMW_SCRATCH, adamw } from './adamw'
import { Arena } from './arena'
import { accumulate, type Gradient, RowGradients, sumOfSquares, wholeOf } from './gradient'
import type { Trained, UpdateWeight } from './optimizer'
import { sgd } from './sgd'

const gradientOf = (name: string) => `gradient:${name}`

export class HostBackend implements Backend {
  readonly #setting: Setting
  readonly #runtime: Runtime
  readonly #step: Session
  #evaluate: Session | undefined
  /** Weights and moments by their names. */
  readonly #vectors: Vectors
  readonly #gradients = new Map<string, Gradient>()
  readonly #groups: readonly number[]
  readonly #updateWeight: UpdateWeight

  private constructor(runtime: Runtime, setting: Setting, step: Session, vectors: Vectors, arena: Arena) {
    this.#runtime = runtime
    this.#setting = setting
    this.#step = step
    this.#vectors = vectors
    this.#groups = groupsOf(setting.program.trainable, setting.optimizer.groups)
    this.#updateWeight = optimizerOf(setting.optimizer, arena)
  }

  static async create(runtime: Runtime, setting: Setting): Promise<HostBackend> {
    const { program, optimizer, entries } = setting
    const vectors: Vectors = new Map()
    const named = [...program.trainable, ...momentsOf(program, optimizer)]
    const scratch = optimizer.kind === 'adamw' ? ADAMW_SCRATCH : []
    const arena = new Arena([...named.map(({ shape }) => sizeOf(shape)), ...scratch])
    for (const { name, shape } of named) vectors.set(name, arena.take(sizeOf(shape)))
    for (const { name, sources } of program.trainable)
      vectors.get(name)!.set(await valuesOf(entries.get(sources[0]!)!))
    const step = await sessionOf(runtime, program.step, setting)
    return new HostBackend(runtime, setting, step, vectors, arena)
  }

  async step(inputs: PlainTensors, { outputs, seed, lossScale }: BackendStep): Promise<PlainTensors> {
    const { step, trainable } = this.#setting.program
    const scale: PlainTensor = { dtype: 'float32', shape: [], data: Float32Array.of(lossScale) }
    const feeds = this.#feeds(step, { ...inputs, loss_scale: scale }, seed)
    const names = trainable.map(({ name }) => gradientOf(name))
    const results = await this.#step.run(feeds, ['loss', ...outputs, ...names])
    for (const weight of trainable) {
      const name = gradientOf(weight.name)
      this.#accumulate(weight, results[name]!.data as Float32Array<ArrayBuffer>, inputs)
      delete results[name]
    }
    return results
  }

  #accumulate({ name, shape, lookup }: Trainable, more: Float32Array<ArrayBuffer>, inputs: PlainTensors) {
    const before = this.#gradients.get(name)
    if (lookup) {
      const rows = (before as RowGradients | undefined) ?? new RowGradients(shape[0]!, shape[1]!)
      rows.add(inputs[lookup.ids]!.data, more, lookup.padding)
      free(more.buffer)
      this.#gradients.set(name, rows)
    } else if (before) accumulate(before as Float32Array, more)
    else this.#gradients.set(name, more)
  }

  async evaluate(inputs: PlainTensors, outputs: readonly string[]): Promise<PlainTensors> {
    const program = this.#setting.program.evaluate!
    this.#evaluate ??= await sessionOf(this.#runtime, program, this.#setting)
    return this.#evaluate.run(this.#feeds(program, inputs), outputs)
  }

  async gradNorm(): Promise<number> {
    let squares = 0
    for (const gradient of this.#gradients.values())
      squares += sumOfSquares(gradient instanceof RowGradients ? gradient.values : gradient)
    return Math.sqrt(squares)
  }

  async update({ learningRates, factor, step }: BackendUpdate): Promise<void> {
    const { program, optimizer } = this.#setting
    for (const [i, { name, shape }] of program.trainable.entries()) {
      const gradient = this.#gradients.get(name)!
      const group = this.#groups[i]!
      const { weightDecay } = optimizer.groups[group]!
      this.#updateWeight(this.#trained(name, shape), gradient, {
        learningRate: learningRates[group]!,
        weightDecay,
        factor,
        step,
      })
    }
    this.zeroGrad()
  }
