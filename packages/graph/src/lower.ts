/** @file Composite operations → kernels of the target, or plain operations where no kernel can serve. */
import { withoutCast } from './casts'
import { composites, isComposite } from './composites'
import { matricesInBlocks } from './composites/blocks'
import type { Lowering, Target, Transform } from './composites/composite'
import { topologicalOrder } from './order'
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
}

export interface Lowered {
  readonly outputs: Record<string, Tensor>
  readonly parameters: ReadonlyMap<Tensor, Parameter>
}

/** The graph of `outputs` in operations ONNX Runtime has. `names` gives each parameter its names in the checkpoint, `replaced`
 * what takes the place of those that are no weights of the graph, or of other values. */
export function lower(
  outputs: Readonly<Record<string, Tensor>>,
  names: ReadonlyMap<Tensor, readonly string[]>,
  target: Target,
  replaced: ReadonlyMap<Tensor, Tensor> = new Map(),
): Lowered {
  const order = topologicalOrder(Object.values(outputs))
  const read = new Set<Tensor | undefined>([
    ...order.flatMap((node) => node.inputs),
    ...Object.values(outputs),
  ])
  const parameters = new Map<Tensor, Parameter>()
  const lowered = new Map<Tensor, Tensor>()
  const origin = new Map<Tensor, Tensor>() // lowered weight → the parameter it stores
  const inBlocks = matricesInBlocks(order, names, target)

  const store = (x: Tensor, dtype: DType, shape: readonly number[], transform?: Transform) => {
    const sources = names.get(x)
    if (!sources)
      throw new TypeError(`A parameter of shape [${x.shape}] stands in no module tree, so it has no name.`)
    const name = transform ? `${sources[0]}:${transformName(transform)}` : sources[0]!
    for (const [tensor, known] of parameters) if (known.name === name) return tensor
    const leaf = new Node('Parameter', [], [{ dtype, shape }]).outputs[0]!
    parameters.set(leaf, { name, sources, dtype, shape, ...(transform && { transform }) })
    return leaf
  }
  const lowering: Lowering = {
    target,
    stored: (x, dtype, shape, transform) => {
      const weight = origin.get(x)
      return weight && done(store(weight, dtype, shape, transform))
    },
    blocked: (x) => {
      const weight = origin.get(x)
      return weight && inBlocks.get(weight)
    },
  }
  const done = (x: Tensor) => {
    lowered.set(x, x)
    return x
  }
  const computed = (dtype: DType) => (dtype === 'float32' ? target.compute : dtype)

  const parameterOf = (x: Tensor) => {
    const matrix = inBlocks.get(x)
    const transform = matrix && ({ kind: 'blocks', part: 'numbers', ...matrix } as const)
    const dtype = target.weights === 'float16' ? 'float16' : 'float32'
    const leaf = store(x, dtype, x.shape as number[], transform)
    const value = leaf.cast(target.compute)
    origin.set(value, x)
    return value
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
    if (node.op === 'Parameter') return [parameterOf(node.outputs[0]!)]
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
    const used = node.outputs.map((x) => read.has(x))
    const results = (target.fused && composite.fused?.(ready, lowering, used)) || composite.plain(ready)
    return results.map((x) => {
      if (x.node === ready) return x // an output nobody reads
      visit(x.node)
      return lowered.get(x)!
    })
  }

  for (const node of order) visit(node)
  const final = Object.entries(outputs).map(([name, x]) => [name, lowered.get(x)!.cast(x.dtype)] as const)
  return { outputs: Object.fromEntries(final), parameters }
}

const transformName = (transform: Transform) =>
  transform.kind === 'blocks'
    ? `${transform.type}.${transform.part}${transform.transposed ? 'T' : ''}`
    : [
        transform.kind,
        transform.axis === 1 ? 'Columns' : '',
        transform.kind === 'quantize' && transform.transpose ? 'T' : '',
      ].join('')
