/** @file AdamW over four weights at a time: in JavaScript it takes four times as long. */
import type { AdamW } from '../program'
import type { Update } from '../update'
import { add, div, get, type Kernel, kernelModule, load, mul, set, sqrt, store, sub } from '../wasm-module'
import type { Arena } from './arena'
import { type Gradient, RowGradients } from './gradient'
import type { Trained, UpdateWeight } from './optimizer'

/** How many gradients are copied beside the weights at a time: they stay in the processor's cache. */
export const CHUNK = 16384
/** What an arena must have room for besides weights and moments. */
export const ADAMW_SCRATCH: readonly number[] = [CHUNK, CHUNK]

/** The kernel's parameters, in their order. */
type Run = (
  weights: number,
  means: number,
  squares: number,
  gradients: number,
  end: number,
  factor: number,
  beta1: number,
  rest1: number,
  beta2: number,
  rest2: number,
  decay: number,
  step: number,
  correction: number,
  epsilon: number,
) => void

const kernel: Kernel = {
  vectors: 4,
  scalars: 9,
  of: 'f32',
  locals: 3,
  body({ vector, scalar, local }) {
    const [weights, means, squares, gradients] = [0, 1, 2, 3].map(vector) as [number, number, number, number]
    const [factor, beta1, rest1, beta2, rest2, decay, step, correction, epsilon] = Array.from(
      { length: 9 },
      (_, i) => get(scalar(i)),
    ) as [...Numbers]
    const [gradient, mean, square] = [0, 1, 2].map(local) as [number, number, number]
    return [
      ...set(gradient, mul(load(gradients), factor)),
      ...set(mean, add(mul(load(means), beta1), mul(get(gradient), rest1))),
      ...set(square, add(mul(load(squares), beta2), mul(mul(get(gradient), get(gradient)), rest2))),
      ...store(means, get(mean)),
      ...store(squares, get(square)),
      ...store(
        weights,
        sub(
          mul(load(weights), decay),
          div(mul(step, get(mean)), add(mul(sqrt(get(square)), correction), epsilon)),
        ),
      ),
    ]
  },
}
/** What is left of an update where nothing is remembered and no gradient came: the decay. */
const decayKernel: Kernel = {
  vectors: 1,
  scalars: 1,
  of: 'f32',
  locals: 0,
  body: ({ vector, scalar }) => store(vector(0), mul(load(vector(0)), get(scalar(0)))),
}
type Decay = (weights: number, end: number, decay: number) => void

type Code = ReturnType<typeof get>
type Numbers = [Code, Code, Code, Code, Code, Code, Code, Code, Code]

/** What an update multiplies by and adds, after its gradients. */
type Factors = [number, number, number, number, number, number, number, number, number]

export function adamw({ betas: [beta1, beta2], eps }: AdamW, arena: Arena): UpdateWeight {
  const compiled = (kernel: Kernel) => {
    const module = new WebAssembly.Module(kernelModule(kernel))
    return new WebAssembly.Instance(module, { env: { memory: arena.memory } }).exports.kernel
  }
  const run = compiled(kernel) as Run
  const decayRow = compiled(decayKernel) as Decay
  const given = arena.take(CHUNK)
  const zeros = arena.take(CHUNK)

  /** Update the weights from `begin` to `end`; without gradients, as if they were zero. */
  function part(
    { values, moments }: Trained,
    begin: number,
    end: number,
    gradients: Float32Array | undefined,
    factors: Factors,
  ) {
    const [means, squares] = [moments.exp_avg!, moments.exp_avg_sq!]
    for (let at = begin; at < end; at += CHUNK) {
      const size = Math.min(CHUNK, end - at)
      if (gradients) given.set(gradients.subarray(at - begin, at - begin + size))
      const address = ({ byteOffset }: Float32Array) => byteOffset + at * 4
      const [weight, gradient] = [address(values), gradients ? given : zeros]
      const last = weight + size * 4
      run(weight, address(means), address(squares), gradient.byteOffset, last, ...factors)
    }
  }

  function table(weight: Trained, gradients: RowGradients, factors: Factors, decay: number) {
    const { rows, width } = gradients
    weight.touched ??= touchedRows(weight, rows, width)
    const { touched } = weight
    for (let row = 0; row < rows; row++) {
      const gradient = gradients.row(row)
      const [begin, end] = [row * width, (row + 1) * width]
      if (gradient) touched[row] = 1
      if (touched[row]) part(weight, begin, end, gradient, factors)
      else if (decay !== 1) {
        const { byteOffset } = weight.values
        decayRow(byteOffset + begin * 4, byteOffset + end * 4, decay)
      }
    }
  }

  return (weight: Trained, gradient: Gradient, { learningRate, weightDecay, factor, step }: Update) => {
    const decay = Math.fround(1 - learningRate * weightDecay)
    const size = learningRate / (1 - beta1 ** step)
    const correction = 1 / Math.sqrt(1 - beta2 ** step)
    const factors: Factors = [factor, beta1, 1 - beta1, beta2, 1 - beta2, decay, size, correction, eps]
    if (gradient instanceof RowGradients && gradient.width % 4 === 0) table(weight, gradient, factors, decay)
    else {
      const whole = gradient instanceof RowGradients ? gradient.whole() : gradient
      part(weight, 0, whole.length, whole, factors)
    }
  }
}

/** Rows of which something is remembered: all others stay as they are, but for their decay, until they have a gradient. */
function touchedRows({ moments }: Trained, rows: number, width: number): Uint8Array {
  const touched = new Uint8Array(rows)
  for (const moment of [moments.exp_avg!, moments.exp_avg_sq!])
    for (let row = 0; row < rows; row++)
      if (!touched[row] && moment.subarray(row * width, (row + 1) * width).some((value) => value !== 0))
        touched[row] = 1
  return touched
}
