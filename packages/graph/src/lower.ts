/** @file Composite operations → kernels of the target, or plain operations where no kernel can serve. */
import { withoutCast } from './casts'
import { composites, isComposite } from './composites'
import { matricesInBlocks } from './composites/blocks'
import type { Lowering, Scaled, Target, Transform } from './composites/composite'
import { topologicalOrder } from './order'
import type { Steps } from './steps'
import { Node, type Tensor } from './tensor'
import type { DType } from './types'
import { withoutWrongKernel } from './wrong-kernels'

/** A weight of the lowered graph: where it comes from and how it is stored. */
export interface Parameter {
  /** The name the graph gives it. */
  readonly name: string
  /** Its names in the checkpoint: its path in the module tree, then those it is tied to. */
  readonly sources: readonly string[]
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly transform?: Transform
  /** The weights that it is made of, where it is several, one behind the other along their first axis. */
  readonly pieces?: readonly Parameter[]
}

export interface Lowered {
  readonly outputs: Record<string, Tensor>
  readonly parameters: ReadonlyMap<Tensor, Parameter>
}

/** The graph of `outputs` in operations ONNX Runtime has. `names` gives each parameter its names in the checkpoint, `replaced`
 * what takes the place of those that are no weights of the graph, or of other values. */
export function* lower(
  outputs: Readonly<Record<string, Tensor>>,
  names: ReadonlyMap<Tensor, readonly string[]>,
  target: Target,
  replaced: ReadonlyMap<Tensor, Tensor> = new Map(),
): Steps<Lowered> {
  const order = topologicalOrder(Object.values(outputs))
  yield
  const readers = counted([...order.flatMap((node) => node.inputs), ...Object.values(outputs)])
  const parameters = new Map<Tensor, Parameter>()
  const leaves = new Map<string, Tensor>() // the parameters by their names in the graph
  const lowered = new Map<Tensor, Tensor>()
  const origin = new Map<Tensor, readonly Tensor[]>() // lowered weight → the parameters it stores
  const makers = new Map<Tensor, Node>() // lowered value → the composite that gave it
  const inBlocks = matricesInBlocks(order, names, target)

  const entryOf = (x: Tensor, dtype: DType, shape: readonly number[], transform?: Transform): Parameter => {
    const sources = names.get(x)
    if (!sources)
      throw new TypeError(`A parameter of shape [${x.shape}] stands in no module tree, so it has no name.`)
    const name = transform ? `${sources[0]}:${transformName(transform)}` : sources[0]!
    return { name, sources, dtype, shape, ...(transform && { transform }) }
  }
  const store = (xs: readonly Tensor[], dtype: DType, shape: readonly number[], transform?: Transform) => {
    const whole = xs.reduce((rows, x) => rows + Number(x.shape[0]), 0)
    const part = (x: Tensor) => shape.with(0, (shape[0]! * Number(x.shape[0])) / whole)
    return keep(
      xs.map((x) => entryOf(x, dtype, xs.length === 1 ? shape : part(x), transform)),
      shape,
    )
  }
  const keep = (pieces: readonly Parameter[], shape: readonly number[]) => {
    const { dtype } = pieces[0]!
    const entry =
      pieces.length === 1
        ? pieces[0]!
        : { ...pieces[0]!, name: pieces.map(({ name }) => name).join('+'), shape, pieces }
    const known = leaves.get(entry.name)
    if (known) return known
    const leaf = new Node('Parameter', [], [{ dtype, shape }]).outputs[0]!
    leaves.set(entry.name, leaf)
    parameters.set(leaf, entry)
    return leaf
  }
  const lowering: Lowering = {
    target,
    stored: (x, dtype, shape, transform) => {
      const weights = origin.get(x)
      return weights && done(store(weights, dtype, shape, transform))
    },
    blocked: (x) => {
      const [weight] = origin.get(x) ?? []
      return weight && inBlocks.get(weight)
    },
    joined: (values, scaled) => {
      const weights = values.flatMap((x) => origin.get(x) ?? [])
      const [type, ...types] = weights.map((x) => inBlocks.get(x)?.type)
      const apart = weights.length < values.length || types.some((each) => each !== type)
      if (apart || weights.some((x) => readers.get(x) !== 1)) return undefined
      return done(scaled ? scaledOf(weights, scaled) : weightsOf(weights))
    },
    madeBy: (x) => makers.get(x),
  }
  const done = (x: Tensor) => {
    lowered.set(x, x)
    return x
  }
  const computed = (dtype: DType) => (dtype === 'float32' ? target.compute : dtype)

  /** What weights hold, one behind the other. */
  const weightsOf = (xs: readonly Tensor[]) => {
    const [first] = xs
    const matrix = inBlocks.get(first!)
    const transform = matrix && ({ kind: 'blocks', part: 'numbers', ...matrix } as const)
    const dtype = target.weights === 'float16' ? 'float16' : 'float32'
    const rows = xs.reduce((sum, { shape }) => sum + Number(shape[0]), 0)
    const shape = xs.length === 1 ? first!.shape : first!.shape.with(0, rows)
    const leaf = store(xs, dtype, shape as number[], transform)
    const value = leaf.cast(target.compute)
    origin.set(value, xs)
    return value
  }

  /** What weights hold, one behind the other, each times a factor. */
  const scaledOf = (xs: readonly Tensor[], { factors, shape }: Scaled) => {
    const pieces = xs.map((x, i) => {
      const factor = factors[i]!
      return entryOf(x, 'float32', x.shape as number[], factor === 1 ? undefined : { kind: 'times', factor })
    })
    return keep(pieces, shape)
  }

  const visit = (node: Node): void => {
    if (node.outputs.every((x) => lowered.has(x))) return
    const instead = replaced.get(node.outputs[0]!)
    if (instead) {
      visit(instead.node)
      lowered.set(node.outputs[0]!, lowered.get(instead)!)
      return
    }
    for (const x of node.inputs) if (x && !lowered.has(x)) visit(x.node)
    const results = rewrite(node)
    for (const [i, x] of node.outputs.entries()) lowered.set(x, done(results[i]!))
  }
  const rewrite = (node: Node): readonly Tensor[] => {
    if (node.op === 'Parameter') return [weightsOf([node.outputs[0]!])]
    if (node.op === 'Input' || node.op === 'Derived') {
      const [x] = node.outputs
      return [x!.cast(computed(x!.dtype))]
    }
    const types = node.outputs.map(({ dtype, shape }) => ({ dtype: computed(dtype), shape }))
    const inputs = node.inputs.map((x) => x && lowered.get(x)!)
    const same =
      inputs.every((x, i) => x === node.inputs[i]) &&
      types.every(({ dtype }, i) => dtype === node.outputs[i]!.dtype)
    const ready = same ? node : new Node(node.op, inputs, types, node.attributes, node.domain)
    const cast = ready.op === 'Cast' && target.device === 'wasm' && target.fused
    if (cast) return [withoutCast(ready) ?? ready.outputs[0]!]
    const instead = target.device === 'webgpu' && withoutWrongKernel(ready)
    if (instead) return [instead]
    if (!isComposite(ready)) return ready.outputs
    const composite = composites[ready.op]
    const used = node.outputs.map((x) => readers.has(x))
    const results = (target.fused && composite.fused?.(ready, lowering, used)) || composite.plain(ready)
    return results.map((x, i) => {
      if (x.node === ready) return x // an output nobody reads
      visit(x.node)
      const value = lowered.get(x)!
      if (readers.get(node.outputs[i]) === 1) makers.set(value, ready)
      return value
    })
  }

  for (const node of order) {
    visit(node)
    yield
  }
  const final = Object.entries(outputs).map(([name, x]) => [name, lowered.get(x)!.cast(x.dtype)] as const)
  return { outputs: Object.fromEntries(final), parameters }
}

/** How many times each is there. */
function counted(read: readonly (Tensor | undefined)[]): ReadonlyMap<Tensor | undefined, number> {
  const times = new Map<Tensor | undefined, number>()
  for (const x of read) times.set(x, (times.get(x) ?? 0) + 1)
  return times
}

const transformName = (transform: Transform) =>
  transform.kind === 'blocks'
    ? `${transform.type}.${transform.part}${transform.transposed ? 'T' : ''}`
    : [
        transform.kind,
        transform.kind !== 'times' && transform.axis === 1 ? 'Columns' : '',
        transform.kind === 'quantize' && transform.transpose ? 'T' : '',
      ].join('')
