/** @file From a model to a Program: everything the worker must know of it. */

import { addedTo } from './composites/attention-cache'
import type { Target } from './composites/composite'
import type { RotaryFrequencies } from './composites/rotary'
import { GraphError } from './errors'
import type { Interpolation } from './interpolation'
import { leastSizes } from './least-sizes'
import { lower, type Parameter } from './lower'
import { type Module, parameters } from './module'
import { toOnnx } from './onnx'
import { topologicalOrder } from './order'
import { namesIn } from './shape'
import { finish, type Steps } from './steps'
import { type Node, Tensor } from './tensor'
import type { TensorType } from './types'

export interface InputType extends TensorType {
  /** Ids are smaller than this: the number of rows of the table they look up, or of classes they name. */
  readonly below?: number
  /** What may stand in the place of an id and means that there is none. */
  readonly ignored?: number
}
/** An input computed from the sizes of the others: a shape as an int64 vector, 0, 1, 2, … as int32, a size as a float or
 * as int32, the last place along another dimension for each entry, the cosines or sines of rotary positions, how much of each entry
 * of an axis goes into each of one of another size, and what a dropout keeps, drawn at random: bytes of 1 or 0. */
export type DerivedInput = {
  /** The shape, or the one dimension to count. */
  readonly dims: readonly string[]
} & (
  | { readonly kind: 'shape' | 'size' | 'count' }
  | { readonly kind: 'last'; readonly of: string }
  | ({ readonly kind: 'arange' } & EndOf)
  | ({ readonly kind: 'cos' | 'sin' } & RotaryFrequencies & EndOf)
  | ({ readonly kind: 'interpolation' } & Interpolation)
  | { readonly kind: 'dropout'; readonly probability: number; readonly site: number }
)

/** Whether positions start at 0, or are the last ones of another dimension. */
interface EndOf {
  readonly endOf?: string
}

/** Everything the worker must know of a model; it knows no architecture by name. */
export interface Program {
  /** The graph, weights outside. */
  readonly onnx: Uint8Array<ArrayBuffer>
  /** dtype and shape; a name is a run-time dimension. */
  readonly inputs: Readonly<Record<string, InputType>>
  readonly derived: Readonly<Record<string, DerivedInput>>
  /** The largest size of a named dimension. */
  readonly limits: Readonly<Record<string, number>>
  /** The smallest size of a named dimension, where others are computed of it. */
  readonly least?: Readonly<Record<string, number>>
  readonly outputs: Readonly<Record<string, TensorType>>
  /** Outputs that a kernel makes by adding to what an input holds, and that input: one buffer may be both. */
  readonly inPlace?: Readonly<Record<string, string>>
  readonly parameters: readonly Parameter[]
}

/** What a model returns: tensors by name, and lists of tensors such as `hidden_states`. */
export type Outputs = Readonly<Record<string, Tensor | readonly Tensor[] | undefined>>

/** A list's tensors by name, e.g. `hidden_states.0`. */
export const flatten = (outputs: Outputs): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(outputs).flatMap(([name, value]): [string, Tensor][] => {
      if (value instanceof Tensor) return [[name, value]]
      return (value ?? []).map((x, i) => [`${name}.${i}`, x])
    }),
  )

/** Call `model` on symbolic inputs and keep what the outputs asked for need.
 * @example
 * const program = trace(model, { input_ids: input(['batch', 'sequence'], 'int32') }, ['logits'], target)
 * program.outputs // { logits: { dtype: 'float32', shape: ['batch', 2] } }
 * @throws {GraphError} when the model does not give an output of that name.
 */
export function trace<I extends Readonly<Record<string, Tensor>>>(
  model: Module & ((inputs: I) => Outputs),
  inputs: I,
  wanted: readonly string[],
  target: Target,
): Program {
  const given = model(inputs)
  const unknown = wanted.filter((name) => !(name in given))
  if (unknown.length > 0) {
    throw new GraphError(
      `The model gives no ${unknown.join(', ')}; it gives ${Object.keys(given).join(', ')}.`,
    )
  }
  const outputs = flatten(Object.fromEntries(wanted.map((name) => [name, given[name]])))
  return program(outputs, inputs, parameters(model), target)
}

/** A Program of any outputs; `names` gives each parameter its names in the checkpoint.
 * @param replaced parameters, or other values, and what takes their place: an input that holds them, or a part of one */
export const program = (...graph: Parameters<typeof programSteps>): Program => finish(programSteps(...graph))

/** The same of a graph of any size. */
export function* programSteps(
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, Tensor>>,
  names: ReadonlyMap<Tensor, readonly string[]>,
  target: Target,
  replaced: ReadonlyMap<Tensor, Tensor> = new Map(),
): Steps<Program> {
  const clash = Object.keys(outputs).find((name) => name in inputs)
  if (clash) throw new GraphError(`"${clash}" names both an input and an output; rename one of them.`)
  const lowered = yield* lower(outputs, names, target, replaced)
  const order = topologicalOrder(Object.values(lowered.outputs))
  const used = new Set(order.flatMap((node) => node.outputs))
  const derived = derivedInputs(order)
  const sized = sizing(inputs, used, derived.keys())
  const needed = Object.entries(inputs).filter(([, x]) => used.has(x) || sized.has(x))
  yield
  const bounds = boundsOf(topologicalOrder(Object.values(outputs)))
  yield
  const least = leastSizes(used)
  yield

  const leaves = new Map<Tensor, string>()
  for (const [name, x] of needed) leaves.set(x, name)
  for (const [x, name] of derived) leaves.set(x, name)
  for (const [x, { name }] of lowered.parameters) leaves.set(x, name)
  const types: Record<string, TensorType> = Object.fromEntries(needed)
  for (const [x, name] of derived) types[name] = x

  return {
    onnx: yield* toOnnx(types, lowered.outputs, leaves),
    inputs: Object.fromEntries(needed.map(([name, x]) => [name, { ...typeOf(x), ...bounds.ids.get(x) }])),
    derived: Object.fromEntries(
      [...derived].map(([x, name]) => [name, x.node.attributes as unknown as DerivedInput]),
    ),
    limits: bounds.limits,
    ...(Object.keys(least).length > 0 && { least }),
    outputs: Object.fromEntries(Object.entries(lowered.outputs).map(([name, x]) => [name, typeOf(x)])),
    ...inPlace(lowered.outputs, leaves),
    parameters: [...lowered.parameters].filter(([x]) => used.has(x)).map(([, entry]) => entry),
  }
}

/** What a kernel adds to, by the outputs that hold it then. */
function inPlace(outputs: Readonly<Record<string, Tensor>>, names: ReadonlyMap<Tensor, string>) {
  const added = Object.entries(outputs).flatMap(([name, x]) => {
    const from = addedTo(x)
    return from && names.has(from) ? [[name, names.get(from)!]] : []
  })
  return added.length > 0 ? { inPlace: Object.fromEntries(added) as Record<string, string> } : {}
}

/** Inputs that nothing reads, but whose shapes tell sizes that others are derived from. */
function sizing(
  inputs: Readonly<Record<string, Tensor>>,
  used: ReadonlySet<Tensor>,
  derived: Iterable<Tensor>,
): Set<Tensor> {
  const all = Object.values(inputs)
  const known = new Set(all.filter((x) => used.has(x)).flatMap(({ shape }) => shape))
  const sized = new Set<Tensor>()
  for (const { node } of derived) {
    const { dims, endOf } = node.attributes as unknown as DerivedInput & EndOf
    for (const dim of [...dims, ...(endOf === undefined ? [] : [endOf])].flatMap(namesIn)) {
      const source = known.has(dim) ? undefined : all.find(({ shape }) => shape.includes(dim))
      if (!source) continue
      sized.add(source)
      for (const each of source.shape) known.add(each)
    }
  }
  return sized
}

const typeOf = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape })

/** Each derived tensor with the name of its input; equal ones share a name. */
function derivedInputs(order: readonly Node[]): Map<Tensor, string> {
  const names = new Map<string, string>() // what is derived → its name
  return new Map(
    order
      .filter((node) => node.op === 'Derived')
      .map(({ outputs: [x], attributes }) => {
        const what = JSON.stringify(attributes)
        const name = `${attributes.kind}(${attributes.dims})`
        const others = [...names.values()].filter((known) => known.startsWith(name)).length
        if (!names.has(what)) names.set(what, others === 0 ? name : `${name}.${others}`)
        return [x!, names.get(what)!]
      }),
  )
}

/** The tensor whose elements these are. */
const reshaped = (x: Tensor): Tensor => (x.node.op === 'Reshape' ? reshaped(x.node.inputs[0]!) : x)

/** The input that labels come from, moved to their places or not; places that are counted from the inputs are none. */
function labelsOf({ node }: Tensor): Tensor | undefined {
  if (node.op === 'Input') return node.outputs[0]
  const moved = { Reshape: 0, Gather: 0, Where: 2 } as const
  const from = node.op in moved ? node.inputs[moved[node.op as keyof typeof moved]] : undefined
  return from && labelsOf(from)
}

/** What stands behind the end of a text. */
const IGNORED = -100

/** What the tables of a graph say of its inputs: ids lie below their table's rows, positions make a dimension no longer. */
export function boundsOf(order: readonly Node[]) {
  const ids = new Map<Tensor, { below: number; ignored?: number }>()
  const limits: Record<string, number> = {}
  const limit = (dim: string, size: number) => {
    limits[dim] = Math.min(limits[dim] ?? size, size)
  }
  for (const { op, inputs, attributes } of order) {
    if (op === 'limit') limit(String(attributes.dim), Number(attributes.size))
    if (op === 'crossEntropy') {
      const [labels, below] = [labelsOf(inputs[1]!), inputs[0]!.shape.at(-1)]
      if (labels && typeof below === 'number')
        ids.set(labels, { below, ignored: Number(attributes.ignore_index) })
    }
    if (op === 'ctcLoss' && inputs[2]!.node.op === 'Input')
      ids.set(inputs[2]!, { below: Number(inputs[0]!.shape.at(-1)), ignored: IGNORED })
    if (op !== 'embedding') continue
    const [rows, { node }] = [Number(inputs[0]!.shape[0]), reshaped(inputs[1]!)]
    if (node.op === 'Derived') limit(String(node.outputs[0]!.shape[0]), rows)
    if (node.op === 'Input')
      ids.set(node.outputs[0]!, { below: Math.min(ids.get(node.outputs[0]!)?.below ?? rows, rows) })
  }
  return { ids, limits }
}
