/** @file Training on WebGPU: weights, gradients and moments lie end to end in buffers, and never leave the GPU by themselves. */
import { prepareFeeds } from '../../inputs'
import type { DeviceTensor, Session } from '../../session'
import { type PlainTensor, type PlainTensors, sizeOf } from '../../tensor'
import type { Backend, BackendStep, BackendUpdate, Setting, Vectors } from '../backend'
import { drawDropout } from '../dropout'
import { groupsOf } from '../groups'
import { type MomentKind, momentName, moments } from '../moments'
import type { Gradients } from '../program'
import { frozenSession, modelInputs, scaleInput, valuesOf } from '../weights'
import { Buffers } from './buffers'
import { Compute } from './compute'
import { type DeviceOptimizer, deviceOptimizer } from './optimizer'
import { type Segment, segmentsOf } from './segment'
import { sumOfSquares } from './shaders'

/** Inputs that are on the GPU. */
const RESIDENT = ['parameters', 'accumulated']
/** Workgroups that sum squares: each gives a number to be read back. */
const SUMS = 256

interface Place {
  readonly buffer: GPUBuffer
  readonly offset: number
  readonly length: number
}

interface Parts {
  readonly buffers: Buffers
  readonly compute: Compute
  readonly segments: readonly Segment[]
  readonly optimizer: DeviceOptimizer
  readonly parameters: GPUBuffer
  /** What has accumulated, and what the next step writes. */
  readonly gradients: [GPUBuffer, GPUBuffer]
  readonly sums: GPUBuffer
  readonly step: Session
}

export class DeviceBackend implements Backend {
  readonly #setting: Setting
  readonly #parts: Parts
  #evaluate: Session | undefined
  readonly #length: number
  /** Weights and moments by the names under which they are saved. */
  readonly #places: ReadonlyMap<string, Place>

  private constructor(setting: Setting, parts: Parts) {
    this.#setting = setting
    this.#parts = parts
    this.#length = setting.program.trainable.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    this.#places = placesOf(setting, parts)
  }

  static async create(setting: Setting): Promise<DeviceBackend> {
    const { runtime, program, optimizer, entries } = setting
    const { trainable } = program
    const gpu = runtime.gpu!
    const buffers = new Buffers(gpu)
    const compute = new Compute(gpu)
    const segments = segmentsOf(trainable, groupsOf(trainable, optimizer.groups))
    const length = trainable.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    try {
      const allocated = await buffers.guarded(() => ({
        parameters: buffers.allocate(length),
        gradients: [buffers.allocate(length), buffers.allocate(length)] as [GPUBuffer, GPUBuffer],
        sums: buffers.allocate(SUMS),
        optimizer: deviceOptimizer(optimizer, segments, compute, (size) => buffers.allocate(size)),
      }))
      for (const [i, { sources }] of trainable.entries()) {
        const values = await valuesOf(entries.get(sources[0]!)!)
        buffers.write(allocated.parameters, segments[i]!.offset, values)
      }
      const step = await frozenSession(setting, program.step)
      return new DeviceBackend(setting, { buffers, compute, segments, step, ...allocated })
    } catch (error) {
      buffers.destroy()
      throw error
    }
  }

  async step(inputs: PlainTensors, { outputs, seed, lossScale }: BackendStep): Promise<PlainTensors> {
    const { step } = this.#setting.program
    const { parameters, gradients } = this.#parts
    const given = { ...inputs, ...scaleInput(lossScale) }
    const feeds = prepareFeeds(modelInputs(step, RESIDENT), given, drawDropout(seed))
    const results = await this.#parts.step.run(feeds, outputs, {
      feeds: { parameters: this.#flat(parameters), accumulated: this.#flat(gradients[0]) },
      outputs: { gradients: this.#flat(gradients[1]) },
    })
    gradients.reverse()
    return results
  }

  async evaluate(inputs: PlainTensors, outputs: readonly string[]): Promise<PlainTensors> {
    const program = this.#setting.program.evaluate!
    this.#evaluate ??= await frozenSession(this.#setting, program)
    const feeds = prepareFeeds(modelInputs(program, RESIDENT), inputs)
    const parameters = this.#flat(this.#parts.parameters)
    return this.#evaluate.run(feeds, outputs, { feeds: { parameters }, outputs: {} })
  }

  async gradNorm(): Promise<number> {
    const { compute, buffers, gradients, sums } = this.#parts
    compute.add(sumOfSquares, [gradients[0], sums], { count: this.#length, groups: SUMS }, SUMS)
    await compute.submit()
    const squares = await buffers.read(sums, 0, SUMS)
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
  }

  async update({ learningRates, factor, step }: BackendUpdate): Promise<void> {
    const { compute, optimizer, parameters, gradients } = this.#parts
    const { groups } = this.#setting.optimizer
    for (const segment of optimizer.segments) {
      const [learningRate, { weightDecay }] = [learningRates[segment.group]!, groups[segment.group]!]
      optimizer.update(
        segment,
        { weights: parameters, gradients: gradients[0] },
        { learningRate, weightDecay, factor, step },
      )
    }
    await compute.submit()
    this.zeroGrad()
  }

  zeroGrad() {
    this.#parts.buffers.clear(this.#parts.gradients[0])
  }

  async gradients(names: readonly string[]): Promise<Gradients> {
    const { buffers, gradients, segments } = this.#parts
    const read: [string, PlainTensor<'float32'>][] = []
    for (const [i, { name, shape }] of this.#setting.program.trainable.entries()) {
      if (!names.includes(name)) continue
      const data = await buffers.read(gradients[0], segments[i]!.offset, sizeOf(shape))
      read.push([name, { dtype: 'float32', shape, data }])
    }
    return Object.fromEntries(read)
  }

  async read(names: readonly string[]): Promise<Vectors> {
    const vectors: Vectors = new Map()
    for (const name of names) {
      const { buffer, offset, length } = this.#places.get(name)!
      vectors.set(name, await this.#parts.buffers.read(buffer, offset, length))
    }
    return vectors
  }

  async write(vectors: Vectors): Promise<void> {
    for (const [name, values] of vectors) {
      const { buffer, offset } = this.#places.get(name)!
      this.#parts.buffers.write(buffer, offset, values)
    }
  }

  async release(): Promise<void> {
    await this.#parts.step.release()
    await this.#evaluate?.release()
    this.#parts.buffers.destroy()
  }

  #flat(buffer: GPUBuffer): DeviceTensor {
    return { buffer, shape: [this.#length] }
  }
}

function placesOf({ program, optimizer }: Setting, parts: Parts): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const [i, { name, shape }] of program.trainable.entries()) {
    const { offset, rowOffset, columnOffset } = parts.segments[i]!
    places.set(name, { buffer: parts.parameters, offset, length: sizeOf(shape) })
    const begins: Record<MomentKind, number> = {
      exp_avg: offset,
      exp_avg_sq: optimizer.kind === 'adafactor' ? columnOffset : offset,
      momentum_buffer: offset,
      exp_avg_sq_row: rowOffset,
      exp_avg_sq_col: columnOffset,
    }
    for (const { kind, shape: remembered } of moments(optimizer, shape)) {
      const buffer = parts.optimizer.moments[kind]!
      places.set(momentName(kind, name), { buffer, offset: begins[kind], length: sizeOf(remembered) })
    }
  }
  return places
}
