/** @file A graph that needs nobody but its caller: int64 ids come in as other exports have them, sizes are read from shapes. */
import type { RotaryFrequencies } from './composites/rotary'
import { GraphError } from './errors'
import { lower, type Parameter } from './lower'
import { type Initializer, initializersOnnx, type OnnxWeight, onnxFile } from './onnx'
import type { DerivedInput } from './program'
import { apply, concat, constant, input, Node, scalar, type Tensor, topologicalOrder } from './tensor'

/** A graph in standard operations whose weights are yet to come. */
export interface StandaloneGraph {
  readonly parameters: readonly Parameter[]
  /**
   * The ONNX file.
   * @param weights the bytes of each parameter, by its name in the graph
   * @throws {GraphError} when it would have more than the 2 GB that protobuf can hold.
   */
  write(weights: ReadonlyMap<string, Blob | Uint8Array<ArrayBuffer>>): Blob
  /** The ONNX file without the weights, which lie where `initializers` tells: there is no limit to them. */
  writeBeside(initializers: readonly Initializer[]): Blob
}

/** The graph of `outputs` as one ONNX file of opset 21; `names` gives each parameter its names in the checkpoint. */
export function standalone(
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, Tensor>>,
  names: ReadonlyMap<Tensor, readonly string[]>,
  weights: 'float32' | 'float16',
): StandaloneGraph {
  const lowered = lower(outputs, names, { device: 'wasm', fused: false, compute: 'float32', weights })
  const order = topologicalOrder(Object.values(lowered.outputs))
  const used = new Set(order.flatMap((node) => node.outputs))
  const given = Object.fromEntries(
    Object.entries(inputs)
      .filter(([, x]) => used.has(x))
      .map(([name, x]) => [name, input(x.shape, x.dtype === 'int32' ? 'int64' : x.dtype)]),
  )
  const replaced = new Map<Tensor, Tensor>()
  for (const [name, x] of Object.entries(given)) replaced.set(inputs[name]!, x.cast(inputs[name]!.dtype))
  const sizes = new Sizes(Object.values(given))
  for (const node of order) rebuild(node, replaced, sizes)
  const final = Object.entries(lowered.outputs).map(([name, x]) => [name, replaced.get(x)!] as const)

  const leaves = new Map<Tensor, string>(Object.entries(given).map(([name, x]) => [x, name]))
  const parameters = [...lowered.parameters].filter(([x]) => used.has(x))
  for (const [x, { name }] of parameters) leaves.set(x, name)
  const write = (weights: readonly OnnxWeight[]) =>
    onnxFile(given, Object.fromEntries(final), leaves, weights)
  return {
    parameters: parameters.map(([, parameter]) => parameter),
    write: (bytes) =>
      write(
        parameters.map(([, { name, dtype, shape }]) => ({ name, dtype, shape, bytes: bytes.get(name)! })),
      ),
    // protobuf merges a message that follows another
    writeBeside: (initializers) => new Blob([write([]), initializersOnnx(initializers)]),
  }
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
    const [first, ...rest] = dim.split('*').map((factor) => this.#factor(factor))
    const size = rest.reduce((product, factor) => product.mul(factor), first!)
    this.#vectors.set(dim, size)
    return size
  }

  #factor(name: string): Tensor {
    if (/^\d+$/.test(name)) return constant([Number(name)], [1], 'int64')
    const known = this.#vectors.get(name)
    if (known) return known
    const source = this.inputs.find(({ shape }) => shape.includes(name))
    if (!source)
      throw new GraphError(`No input has the dimension "${name}", so the graph can't know its size.`)
    const axis = source.shape.indexOf(name)
    const shape = apply('Shape', [source], { dtype: 'int64', shape: [source.rank] })
    const size = shape.slice(0, axis, axis + 1)
    this.#vectors.set(name, size)
    return size
  }
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
      return sizes.of(first!).squeeze(0).cast('float32')
    case 'arange':
      return positions(first!, sizes).cast('int32')
    case 'cos':
    case 'sin':
      return rotaryTable(what.kind === 'cos' ? 'Cos' : 'Sin', first!, what, sizes)
    case 'dropout':
      throw new GraphError('A graph that trains draws at random, so it can not stand alone.')
  }
}

/** 0, 1, 2, … as int64. */
const positions = (dim: string, sizes: Sizes): Tensor =>
  apply('Range', [scalar(0, 'int64'), sizes.of(dim).squeeze(0), scalar(1, 'int64')], {
    dtype: 'int64',
    shape: [dim],
  })

function rotaryTable(
  turn: 'Cos' | 'Sin',
  dim: string,
  { frequencies, longFrequencies, longerThan, scale }: RotaryFrequencies,
  sizes: Sizes,
): Tensor {
  const row = (values: readonly number[]) => constant(values, [1, values.length])
  const usual = row(frequencies)
  const rates =
    longFrequencies && longerThan !== undefined
      ? sizes.of(dim).greater(scalar(longerThan, 'int64')).where(row(longFrequencies), usual)
      : usual
  const angles = positions(dim, sizes).cast('float32').unsqueeze(1).mul(rates)
  return apply(turn, [angles], angles).mul(scale)
}
