/** @file Several values that one product gives. */
import type { Dim } from '../shape'
import type { Tensor } from '../tensor'
import type { Lowering } from './composite'
import { applyLinear } from './linear'

/** Linear layers of the same rows. */
export interface Projections {
  readonly x: Tensor
  /** [outputs, inputs] */
  readonly weights: readonly Tensor[]
  readonly biases: readonly Tensor[] | undefined
}

/** What values are linear layers of; nothing where they are anything else, or somebody else reads one of them. */
export function projectionsOf(values: readonly Tensor[], lowering: Lowering): Projections | undefined {
  const linears = values.map((value) => lowering.madeBy(value))
  const [x] = linears[0]?.inputs ?? []
  const alike = linears.every(
    (each) => each?.op === 'linear' && each.inputs[0] === x && each.attributes.transposed === 0,
  )
  if (!alike || !x) return undefined
  const biases = linears.flatMap((each) => each!.inputs[2] ?? [])
  if (biases.length > 0 && biases.length < linears.length) return undefined
  return {
    x,
    weights: linears.map((each) => each!.inputs[1]!),
    biases: biases.length > 0 ? biases : undefined,
  }
}

/** All of them side by side, as one product. */
export function joinedProduct({ x, weights, biases }: Projections, lowering: Lowering): Tensor | undefined {
  const weight = lowering.joined(weights)
  const bias = biases && lowering.joined(biases)
  return weight && (bias || !biases) ? applyLinear(x, weight, bias) : undefined
}

/** The value whose last axis these are, one piece of it behind the other; nothing where they are not all of it. */
export function wholeOf(pieces: readonly Tensor[]): Tensor | undefined {
  const whole = pieces[0]!.node.inputs[0]
  let end: Dim = 0
  for (const { node, shape } of pieces) {
    const [from, start, , axis] = node.inputs
    const follows = node.op === 'Slice' && from === whole && numberIn(start) === end
    if (!follows || numberIn(axis) !== from!.rank - 1) return undefined
    end += Number(shape.at(-1))
  }
  return end === whole!.shape.at(-1) ? whole : undefined
}

const numberIn = (x: Tensor | undefined) => (x?.node.attributes.values as readonly number[] | undefined)?.[0]
