/** @file Training on WASM: the session computes gradients, the optimizer changes weights that lie beside it. */
import type { Program } from '@webformers/graph'
import { InputError } from '../../errors'
import { checkIds, type DrawDropout, prepareFeeds } from '../../inputs'
import type { Session } from '../../session'
import { free } from '../../staging'
import { type PlainTensor, type PlainTensors, sizeOf } from '../../tensor'
import type { Backend, BackendStep, BackendUpdate, Setting, Vectors } from '../backend'
import { drawDropout } from '../dropout'
import { groupsOf } from '../groups'
import { type MomentKind, momentName, moments } from '../moments'
import type { Gradients, Optimizer, Trainable } from '../program'
import { frozenSession, modelInputs, scaleInput, valuesOf } from '../weights'
import { adafactor } from './adafactor'
import { ADAMW_SCRATCH, adamw } from './adamw'
import { Arena } from './arena'
import { accumulate, type Gradient, RowGradients, sumOfSquares, wholeOf } from './gradient'
import type { Trained, UpdateWeight } from './optimizer'
import { sgd } from './sgd'

interface Weight extends Trained {
  readonly trainable: Trainable
  readonly group: number
  gradient: Gradient | undefined
}

const gradientOf = ({ trainable }: Weight) => `gradient:${trainable.name}`

export class HostBackend implements Backend {
  readonly #setting: Setting
  readonly #step: Session
  #evaluate: Session | undefined
  readonly #weights: readonly Weight[]
  readonly #updateWeight: UpdateWeight

  private constructor(setting: Setting, step: Session, weights: readonly Weight[], update: UpdateWeight) {
    this.#setting = setting
    this.#step = step
    this.#weights = weights
    this.#updateWeight = update
  }

  static async create(setting: Setting): Promise<HostBackend> {
    const { program, optimizer, entries } = setting
    const groups = groupsOf(program.trainable, optimizer.groups)
    const remembered = program.trainable.map(({ shape }) => moments(optimizer, shape))
    const shapes = [...program.trainable, ...remembered.flat()].map(({ shape }) => shape)
    const scratch = optimizer.kind === 'adamw' ? ADAMW_SCRATCH : []
    const arena = new Arena([...shapes.map(sizeOf), ...scratch])
    const weights: Weight[] = []
    for (const [i, trainable] of program.trainable.entries()) {
      const values = arena.take(sizeOf(trainable.shape))
      const stored = await valuesOf(entries.get(trainable.sources[0]!)!)
      values.set(stored)
      free(stored.buffer)
      const kept = remembered[i]!.map(({ kind, shape }) => [kind, arena.take(sizeOf(shape))] as const)
      weights.push({
        trainable,
        group: groups[i]!,
        shape: trainable.shape,
        values,
        moments: Object.fromEntries(kept) as Partial<Record<MomentKind, Float32Array<ArrayBuffer>>>,
        gradient: undefined,
      })
    }
    const update = optimizerOf(optimizer, arena)
    return new HostBackend(setting, await frozenSession(setting, program.step), weights, update)
  }

  async step(inputs: PlainTensors, { outputs, seed, lossScale }: BackendStep): Promise<PlainTensors> {
    const { step } = this.#setting.program
    const feeds = this.#feeds(step, { ...inputs, ...scaleInput(lossScale) }, drawDropout(seed))
    const results = await this.#step.run(feeds, [...outputs, ...this.#weights.map(gradientOf)])
    // What was made for this step alone, such as what dropout draws, would wait long for a collection of garbage.
    for (const [name, { data }] of Object.entries(feeds))
      if (this.#made(name)) free(data.buffer as ArrayBuffer)
    for (const weight of this.#weights) {
      const name = gradientOf(weight)
      accumulateIn(weight, results[name]!.data as Float32Array<ArrayBuffer>, inputs)
      delete results[name]
    }
    return results
  }

  async evaluate(inputs: PlainTensors, outputs: readonly string[]): Promise<PlainTensors> {
    const program = this.#setting.program.evaluate!
    this.#evaluate ??= await frozenSession(this.#setting, program)
    return this.#evaluate.run(this.#feeds(program, inputs), outputs)
  }

  async gradNorm(): Promise<number> {
    const squares = this.#weights.map(({ gradient }) =>
      gradient ? sumOfSquares(gradient instanceof RowGradients ? gradient.values : gradient) : 0,
    )
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
  }

  async update({ learningRates, factor, step }: BackendUpdate): Promise<void> {
    const { groups } = this.#setting.optimizer
    for (const weight of this.#weights) {
      const { group, gradient } = weight
      if (!gradient) continue
      const [learningRate, { weightDecay }] = [learningRates[group]!, groups[group]!]
      this.#updateWeight(weight, gradient, { learningRate, weightDecay, factor, step })
      forget(weight)
    }
  }

  zeroGrad() {
    for (const weight of this.#weights) forget(weight)
  }

  async gradients(names: readonly string[]): Promise<Gradients> {
    return Object.fromEntries(
      names.map((name): [string, PlainTensor<'float32'>] => {
        const { gradient, shape } = this.#named(name)
        const data = gradient ? wholeOf(gradient).slice() : new Float32Array(sizeOf(shape))
        return [name, { dtype: 'float32', shape, data }]
      }),
    )
  }

  async read(names: readonly string[]): Promise<Vectors> {
    const vectors = this.#vectors()
    return new Map(names.map((name) => [name, vectors.get(name)!]))
  }

  async write(given: Vectors): Promise<void> {
    const vectors = this.#vectors()
    for (const [name, values] of given) vectors.get(name)!.set(values)
    for (const weight of this.#weights) weight.touched = undefined
  }

  async release(): Promise<void> {
    await this.#step.release()
    await this.#evaluate?.release()
  }

  /** Whether an input of a step is made here, and not given or a weight. */
  #made(name: string): boolean {
    const { step, trainable } = this.#setting.program
    return (
      Object.hasOwn(step.derived, name) || trainable.some((weight) => weight.lookup && weight.name === name)
    )
  }

  #named(name: string): Weight {
    return this.#weights.find(({ trainable }) => trainable.name === name)!
  }

  /** Weights and moments by the names under which they are saved. */
  #vectors(): Vectors {
    return new Map(
      this.#weights.flatMap(({ trainable: { name }, values, moments }) => [
        [name, values] as const,
        ...Object.entries(moments).map(([kind, moment]) => [momentName(kind, name), moment] as const),
      ]),
    )
  }

  /** What a program reads: inputs, what follows from them, and the weights. */
  #feeds(program: Program, inputs: PlainTensors, draw?: DrawDropout): PlainTensors {
    const used = this.#weights.filter(({ trainable }) => Object.hasOwn(program.inputs, trainable.name))
    const tables = used.filter(({ trainable }) => trainable.lookup)
    const names = used.map(({ trainable }) => trainable.name)
    const looked = Object.fromEntries(tables.map((table) => [table.trainable.name, rowsOf(table, inputs)]))
    // Ids that a graph reads only through such a table are not its own inputs.
    const unread = tables.map(({ trainable }) => trainable.lookup!.ids)
    const own = Object.entries(inputs).filter(
      ([name]) => !unread.includes(name) || Object.hasOwn(program.inputs, name),
    )
    const feeds = prepareFeeds(
      modelInputs(
        program,
        names.filter((name) => !looked[name]),
      ),
      { ...Object.fromEntries(own), ...looked },
      draw,
    )
    for (const { trainable, values, shape } of used)
      feeds[trainable.name] ??= { dtype: 'float32', shape, data: values }
    return feeds
  }
}

function optimizerOf(optimizer: Optimizer, arena: Arena): UpdateWeight {
  switch (optimizer.kind) {
    case 'adamw':
      return adamw(optimizer, arena)
    case 'sgd':
      return sgd(optimizer)
    case 'adafactor':
      return adafactor(optimizer)
  }
}

/** Take what a batch gave to a weight. */
function accumulateIn(weight: Weight, more: Float32Array<ArrayBuffer>, inputs: PlainTensors) {
  const { gradient, trainable, shape } = weight
  const { lookup } = trainable
  if (lookup) {
    const rows =
      gradient instanceof RowGradients ? gradient : new RowGradients(shape[0]!, sizeOf(shape.slice(1)))
    rows.add(inputs[lookup.ids]!.data, more, lookup.padding)
    weight.gradient = rows
    free(more.buffer)
  } else if (gradient) accumulate(gradient as Float32Array, more)
  else weight.gradient = more
}

/** Free a gradient now, not when garbage is collected. */
function forget(weight: Weight) {
  if (weight.gradient instanceof Float32Array) free(weight.gradient.buffer)
  weight.gradient = undefined
}

/** The rows of a table that the ids of an input name. */
function rowsOf({ trainable: { name, lookup }, values, shape }: Weight, inputs: PlainTensors): PlainTensor {
  const ids = inputs[lookup!.ids]
  if (!ids) throw new InputError(`Missing input ${lookup!.ids}, whose ids name rows of ${name}.`)
  const [rows, ...inner] = shape as [number, ...number[]]
  checkIds(lookup!.ids, ids, { below: rows })
  const width = sizeOf(inner)
  const data = new Float32Array(ids.data.length * width)
  for (let i = 0; i < ids.data.length; i++) {
    const row = Number(ids.data[i])
    data.set(values.subarray(row * width, (row + 1) * width), i * width)
  }
  return { dtype: 'float32', shape: [...ids.shape, ...inner], data }
}
