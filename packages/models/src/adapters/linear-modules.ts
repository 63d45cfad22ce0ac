/** @file The linear layers of a model, which low-rank adapters adapt, and the embedding that its prompts stand before. */
import { type ModuleCall, modulePaths, observe, parameters, Tensor } from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { type AnyModel, buildModel, inputsOf } from '../build'
import type { PretrainedConfig } from '../configuration'
import { embeddingModules } from '../embeddings'

export interface LinearModule {
  readonly path: string
  /** The own name of its weight. */
  readonly weight: string
  readonly inputs: number
  readonly outputs: number
  /** Whether its weight lies as [inputs, outputs], as that of `Conv1D` of transformers. */
  readonly transposed: boolean
  readonly bias: boolean
}

/** A model as adapters see it. */
export interface AdaptableModules {
  /** In the order in which they are called. */
  readonly linear: readonly LinearModule[]
  /** The own name of the table that looks up ids; absent where a model reads no text. */
  readonly table?: string
  /** The own name of the weight that gives each word a score, where there is such. */
  readonly output?: string
  /** The paths of all modules. */
  readonly modules: readonly string[]
  readonly parameters: readonly {
    /** All its names, its own first. */
    readonly names: readonly string[]
    readonly shape: readonly number[]
  }[]
}

/**
 * What there is to adapt.
 * @example adaptableModules(bert, 'Model', config).linear[0]
 * // { path: 'encoder.layer.0.attention.self.query', weight: 'encoder.layer.0.attention.self.query.weight', inputs: 768, outputs: 768, transposed: false, bias: true }
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function adaptableModules(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
): AdaptableModules {
  const model = buildModel(architecture, head, config)
  const inputs = inputsOf(architecture, head, config)
  const found = new Map<string, LinearModule>()
  const embeddings = embeddingModules(architecture, head, config)
  const parts = partsOf(model, inputs)
  const look = (call: ModuleCall) => {
    const linear = parts.linear(call)
    if (linear) found.set(linear.path, linear)
    return call.result
  }
  observe(model, look, () => model(inputs))
  return {
    linear: [...found.values()],
    table: inputs.input_ids && embeddings.input?.weight,
    output: embeddings.output?.weight,
    modules: [...modulePaths(model).values()].flatMap((paths) => paths.slice(0, 1)).filter(Boolean),
    parameters: [...parameters(model)].map(([{ shape }, names]) => ({ names, shape: shape as number[] })),
  }
}

/** What an observer recognizes in a model. */
export function partsOf(model: AnyModel, { input_ids }: Inputs) {
  const names = parameters(model)
  /** The weight of a module's own, where its result is this operation with it: a module may pass on what another one gave. */
  const ownWeight = ({ paths, result }: ModuleCall, op: string, place: number): Tensor | undefined => {
    if (!(result instanceof Tensor) || result.node.op !== op) return undefined
    const weight = result.node.inputs[place]!
    return names.get(weight)?.includes(`${paths[0]}.weight`) ? weight : undefined
  }
  return {
    linear(call: ModuleCall): LinearModule | undefined {
      const weight = ownWeight(call, 'linear', 1)
      if (!weight) return undefined
      const { inputs, attributes } = (call.result as Tensor).node
      const transposed = attributes.transposed === 1
      const [rows, columns] = weight.shape as [number, number]
      const [fanIn, fanOut] = transposed ? [rows, columns] : [columns, rows]
      return {
        path: call.paths[0]!,
        weight: names.get(weight)![0]!,
        inputs: fanIn,
        outputs: fanOut,
        transposed,
        bias: inputs[2] !== undefined,
      }
    },
    /** The table, where the module looks up the ids of the text that came in. */
    embedding: (call: ModuleCall): Tensor | undefined =>
      call.inputs[0] === input_ids ? ownWeight(call, 'embedding', 0) : undefined,
  }
}
