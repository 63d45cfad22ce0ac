/** @file What others get from outside, made in the graph: sizes are read from the shapes of its inputs. */
import type { RotaryFrequencies } from './composites/rotary'
import { GraphError } from './errors'
import { interpolationWeights } from './interpolation'
import type { DerivedInput } from './program'
import { cofactor, compute, namesIn } from './shape'
import { apply, concat, constant, Node, scalar, type Tensor } from './tensor'
import type { DType } from './types'

/**
 * The nodes in an order in which inputs come before users, over what was replaced and with what is derived from sizes made in the
 * graph itself; `replaced` takes what becomes of each tensor.
 * @param inputs whose shapes tell the sizes
 */
export function selfContained(
  order: readonly Node[],
  inputs: readonly Tensor[],
  replaced = new Map<Tensor, Tensor>(),
): ReadonlyMap<Tensor, Tensor> {
  const sizes = new Sizes(inputs)
  for (const node of order) rebuild(node, replaced, sizes)
  return replaced
}

/** The node over what its inputs were replaced with. */
function rebuild(node: Node, replaced: Map<Tensor, Tensor>, sizes: Sizes): void {
  if (node.outputs.every((x) => replaced.has(x))) return
  const inputs = node.inputs.map((x) => x && replaced.get(x)!)
  const results =
    node.op === 'Derived'
      ? [derived(node.attributes as unknown as DerivedInput, sizes)]
      : inputs.every((x, i) => x === node.inputs[i])
        ? node.outputs
        : new Node(node.op, inputs, node.outputs, node.attributes, node.domain).outputs
  for (const [i, x] of node.outputs.entries()) replaced.set(x, results[i]!)
}

/** The sizes of named dimensions, read from the shapes of the inputs. */
class Sizes {
  readonly #vectors = new Map<string, Tensor>()
  constructor(private readonly inputs: readonly Tensor[]) {}

  /** An int64 vector of one number. */
  of(dim: string): Tensor {
    const known = this.#vectors.get(dim)
    if (known) return known
    const size = compute<Tensor>(dim, {
      name: (name) => this.#named(name),
      number: (value) => constant([value], [1], 'int64'),
      add: (a, b) => a.add(b),
      multiply: (a, b) => a.mul(b),
      // Whole numbers lose what is behind the point, which rounds a negative one up.
      divide(a, by) {
        const truncated = a.div(by)
        const over = truncated.mul(by).greater(a)
        return over.where(truncated.sub(1), truncated)
      },
    })
    this.#vectors.set(dim, size)
    return size
  }

  #named(name: string): Tensor {
    const known = this.#vectors.get(name)
    if (known) return known
    const source = this.inputs.find(({ shape }) => shape.includes(name))
    const size = source ? axisSize(source, source.shape.indexOf(name)) : this.#factor(name)
    this.#vectors.set(name, size)
    return size
  }

  /** The size of what only comes times others. */
  #factor(name: string): Tensor {
    for (const source of this.inputs) {
      for (const [axis, dim] of source.shape.entries()) {
        const others = namesIn(dim).includes(name) ? cofactor(dim, name) : undefined
        if (others !== undefined) return axisSize(source, axis).div(this.of(String(others)))
      }
    }
    throw new GraphError(`No input has the dimension "${name}", so the graph can't know its size.`)
  }
}

function axisSize(x: Tensor, axis: number): Tensor {
  const shape = apply('Shape', [x], { dtype: 'int64', shape: [x.rank] })
  return shape.slice(0, axis, axis + 1)
}

function derived(what: DerivedInput, sizes: Sizes): Tensor {
  const [first] = what.dims
  switch (what.kind) {
    case 'shape':
      return what.dims.length === 1
        ? sizes.of(first!)
        : concat(
            what.dims.map((dim) => sizes.of(dim)),
            0,
          )
    case 'size':
      return count(first!, sizes, 'float32').squeeze(0)
    case 'count':
      return count(first!, sizes, 'int32')
    case 'last':
      return expand(count(what.of, sizes, 'int32').sub(1), first!, sizes)
    case 'arange':
      return positions(first!, what.endOf, sizes, 'int32')
    case 'cos':
    case 'sin':
      return rotaryTable(what.kind === 'cos' ? 'Cos' : 'Sin', first!, what, sizes)
    case 'interpolation': {
      const [to, from] = what.dims.map(Number) as [number, number]
      if (!Number.isNaN(to + from)) return constant([...interpolationWeights(to, from, what)], [to, from])
      throw new GraphError(
        `How an axis of "${what.dims[1]}" becomes one of "${what.dims[0]}" is computed outside of the graph; give numbers.`,
      )
    }
    case 'dropout':
      throw new GraphError('A graph that trains draws at random: what it draws comes from outside.')
  }
}

const expand = (one: Tensor, dim: string, sizes: Sizes): Tensor =>
  apply('Expand', [one, sizes.of(dim)], { dtype: one.dtype, shape: [dim] })

/** A one for each entry of a dimension: what is counted so needs no cast of a size, which is int64. */
const ones = (dim: string, sizes: Sizes, dtype: DType) => expand(constant([1], [1], dtype), dim, sizes)

/** The size of a dimension, a vector of one number. */
const count = (dim: string, sizes: Sizes, dtype: DType) =>
  ones(dim, sizes, dtype).sum([0], { keepdims: true })

/** 0, 1, 2, … or the last of those of another dimension. */
function positions(dim: string, endOf: string | undefined, sizes: Sizes, dtype: DType): Tensor {
  const from = ones(dim, sizes, dtype).cumsum(0).sub(1)
  return endOf === undefined ? from : from.add(count(endOf, sizes, dtype).sub(count(dim, sizes, dtype)))
}

function rotaryTable(
  turn: 'Cos' | 'Sin',
  dim: string,
  { frequencies, longFrequencies, longerThan, scale, endOf }: RotaryFrequencies & { endOf?: string },
  sizes: Sizes,
): Tensor {
  const row = (values: readonly number[]) => constant(values, [1, values.length])
  const usual = row(frequencies)
  const rates =
    longFrequencies && longerThan !== undefined
      ? sizes
          .of(endOf ?? dim)
          .greater(scalar(longerThan, 'int64'))
          .where(row(longFrequencies), usual)
      : usual
  const angles = positions(dim, endOf, sizes, 'float32').unsqueeze(1).mul(rates)
  return apply(turn, [angles], angles).mul(scale)
}
