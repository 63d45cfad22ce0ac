/** @file For tests: linear regression as reference/trainer.py has it, with its gradients and optimizers written out in doubles. */
import { openCheckpoint, type SavedTensor, writeSafetensors } from '@webformers/hub'
import type { AdamW, Optimizer, PlainTensors, SGD, TrainingState } from '@webformers/runtime'
import type { CheckpointStore } from '../checkpoint-store'
import type {
  Batch,
  LossCount,
  Trainable,
  TrainableModel,
  TrainingRun,
  TrainingRunOptions,
} from '../trainable'

export interface Example {
  readonly id: number
  readonly x: readonly number[]
  readonly input_ids: readonly number[]
  readonly labels: number
}

/** The examples of reference/trainer.py. */
export const examples = (count: number, first: number): Example[] =>
  Array.from({ length: count }, (_, i) => {
    const id = first + i
    const x = [0, 1, 2].map((k) => ((id * 37 + k * 101) % 256) / 128 - 1) as [number, number, number]
    const noise = ((id * 53) % 32) / 64 - 0.25
    const labels = 1.5 * x[0] - 2 * x[1] + 0.5 * x[2] + 0.75 + noise
    return { id, x, input_ids: Array(1 + ((id * 7) % 13)).fill(0), labels }
  })

const NAMES = ['linear.weight', 'linear.bias'] as const
type Weights = { weight: number[]; bias: number[] }

const initial = (): Weights => ({ weight: [0.5, -0.25, 0.125], bias: [0] })

/** Doubles as a file would hold them. */
const saved = (name: string, values: readonly number[], shape: readonly number[]): SavedTensor => ({
  name,
  dtype: 'F64',
  shape,
  bytes: new Blob([Float64Array.from(values)]),
})
const savedWeights = ({ weight, bias }: Weights): SavedTensor[] => [
  saved('linear.weight', weight, [1, 3]),
  saved('linear.bias', bias, [1]),
]
const numbers = async ({ bytes }: SavedTensor) => [...new Float64Array(await new Blob([bytes]).arrayBuffer())]
async function weightsOf(tensors: readonly SavedTensor[]): Promise<Weights> {
  const [weight, bias] = await Promise.all(
    NAMES.map(async (name) => numbers(tensors.find((tensor) => tensor.name === name)!)),
  )
  return { weight: weight!, bias: bias! }
}

const logitsOf = ({ weight, bias }: Weights, { x }: Batch): number[] =>
  Array.from(
    { length: x!.shape[0]! },
    (_, row) => weight.reduce((sum, w, k) => sum + w * Number(x!.data[row * 3 + k]), 0) + bias[0]!,
  )

interface Moments {
  m: number[]
  v: number[]
}

class Run implements TrainingRun {
  #gradients: number[] = [0, 0, 0, 0]
  #moments: Moments = { m: [0, 0, 0, 0], v: [0, 0, 0, 0] }
  #steps = 0
  disposed = false

  constructor(
    private weightsNow: Weights,
    private readonly optimizer: Optimizer,
    private readonly watch: Watch,
  ) {}

  async step(batch: Batch, { scale, seed }: { scale: number; seed: number }): Promise<{ loss: number }> {
    await this.watch.onStep?.(batch, seed)
    const { x, labels } = batch
    const errors = logitsOf(this.weightsNow, batch).map((logit, i) => logit - Number(labels!.data[i]))
    for (const [row, error] of errors.entries()) {
      const gradient = (scale * 2 * error) / errors.length
      for (let k = 0; k < 3; k++) this.#gradients[k]! += gradient * Number(x!.data[row * 3 + k])
      this.#gradients[3]! += gradient
    }
    return { loss: errors.reduce((sum, error) => sum + error * error, 0) / errors.length }
  }

  async update({ learningRates, maxGradNorm }: { learningRates: readonly number[]; maxGradNorm?: number }) {
    const norm = Math.sqrt(this.#gradients.reduce((sum, g) => sum + g * g, 0))
    const clip = maxGradNorm === undefined ? 1 : Math.min(1, maxGradNorm / (norm + 1e-6))
    const flat = [...this.weightsNow.weight, ...this.weightsNow.bias]
    this.#steps++
    for (const [i, value] of flat.entries()) {
      const group = this.optimizer.groups.findIndex(({ parameters }) =>
        parameters.includes(NAMES[i < 3 ? 0 : 1]),
      )
      const [rate, decay] = [learningRates[group]!, this.optimizer.groups[group]!.weightDecay]
      flat[i] = this.#changed(i, value, this.#gradients[i]! * clip, rate, decay)
    }
    this.weightsNow = { weight: flat.slice(0, 3), bias: flat.slice(3) }
    this.#gradients = [0, 0, 0, 0]
    return { gradNorm: maxGradNorm === undefined ? undefined : norm, skipped: false }
  }

  #changed(i: number, value: number, gradient: number, rate: number, decay: number): number {
    const { kind } = this.optimizer as AdamW | SGD
    if (kind === 'sgd') return value - rate * (gradient + decay * value)
    const { betas, eps } = this.optimizer as AdamW
    const [m, v] = [this.#moments.m, this.#moments.v]
    m[i] = m[i]! + (gradient - m[i]!) * (1 - betas[0])
    v[i] = v[i]! * betas[1] + gradient * gradient * (1 - betas[1])
    const [first, second] = [1 - betas[0] ** this.#steps, 1 - betas[1] ** this.#steps]
    return (
      value * (1 - rate * decay) - ((rate / first) * m[i]!) / (Math.sqrt(v[i]!) / Math.sqrt(second) + eps)
    )
  }

  async zeroGrad(): Promise<void> {
    this.#gradients = [0, 0, 0, 0]
  }
  async evaluate(batch: Batch, { outputs }: { outputs: readonly string[] }): Promise<PlainTensors> {
    return evaluated(this.weightsNow, batch, outputs)
  }
  async state(): Promise<TrainingState> {
    const { m, v } = this.#moments
    const moments = [saved('exp_avg', m, [4]), saved('exp_avg_sq', v, [4])]
    return {
      weights: savedWeights(this.weightsNow),
      moments: this.optimizer.kind === 'sgd' ? [] : moments,
      steps: this.#steps,
      lossScale: { scale: 1, unchanged: 0 },
    }
  }
  async restore({ weights, moments, steps }: TrainingState): Promise<void> {
    this.weightsNow = await weightsOf(weights)
    this.#steps = steps
    const named = async (name: string) => numbers(moments.find((moment) => moment.name === name)!)
    if (moments.length > 0) this.#moments = { m: await named('exp_avg'), v: await named('exp_avg_sq') }
  }
  async weights(): Promise<SavedTensor[]> {
    return savedWeights(this.weightsNow)
  }
  dispose(): void {
    this.disposed = true
  }
}

function evaluated(weights: Weights, batch: Batch, outputs: readonly string[]): PlainTensors {
  const logits = logitsOf(weights, batch)
  const tensor = (values: number[], shape: number[]) =>
    ({ dtype: 'float32', shape, data: Float32Array.from(values) }) as const
  const loss = () =>
    logits.reduce((sum, logit, i) => sum + (logit - Number(batch.labels!.data[i])) ** 2, 0) / logits.length
  return {
    ...(outputs.includes('loss') && { loss: tensor([loss()], []) }),
    ...(outputs.includes('logits') && { logits: tensor(logits, [logits.length]) }),
  }
}

/** What a test does at each batch, before its gradients are computed. */
export interface Watch {
  onStep?: (batch: Batch, seed: number) => void | Promise<void>
}

export class Regression implements Trainable, TrainableModel {
  weights = initial()
  readonly runs: Run[] = []
  readonly inputNames = ['x', 'labels']
  readonly labelNames = ['labels']
  readonly outputNames = ['logits']
  readonly mainInputName: string = 'input_ids'
  readonly classes: Record<string, number> = {}
  readonly parameters = [
    { name: NAMES[0], shape: [1, 3], layerNorm: false, trainable: true },
    { name: NAMES[1], shape: [1], layerNorm: false, trainable: true },
  ]

  constructor(
    readonly lossCount: LossCount = 'mean',
    private readonly watch: Watch = {},
  ) {}

  async trainable() {
    return this
  }
  async evaluator() {
    return {
      evaluate: async (batch: Batch, { outputs }: { outputs: readonly string[] }) =>
        evaluated(this.weights, batch, outputs),
    }
  }
  async training({ optimizer }: TrainingRunOptions) {
    const run = new Run(structuredClone(this.weights), optimizer, this.watch)
    this.runs.push(run)
    return run
  }
  async adopt(weights: readonly SavedTensor[]): Promise<void> {
    this.weights = await weightsOf(weights)
  }
  async toFiles() {
    return { 'model.safetensors': writeSafetensors(savedWeights(this.weights)) }
  }
  async weightsIn(files: Readonly<Record<string, Blob>>): Promise<SavedTensor[]> {
    const { entries } = await openCheckpoint({ 'model.safetensors': files['model.safetensors']! })
    return Array.from(entries.values(), ({ name, dtype, shape, blob, offset, length }) => ({
      name,
      dtype,
      shape,
      bytes: blob.slice(offset, offset + length),
    }))
  }
}

/** A store of checkpoints that lasts as long as the test. */
export function memoryCheckpoints(): CheckpointStore & { readonly saved: Map<number, Record<string, Blob>> } {
  const saved = new Map<number, Record<string, Blob>>()
  const name = (step: number) => `memory://checkpoint-${step}`
  return {
    saved,
    name,
    steps: async () => [...saved.keys()].sort((a, b) => a - b),
    save: async (step, files) => void saved.set(step, { ...files }),
    open: async (source) => saved.get(Number(source.slice(name(0).length - 1)))!,
    remove: async (step) => void saved.delete(step),
  }
}
