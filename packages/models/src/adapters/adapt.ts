/** @file Adapters as part of a model while it is called: low-rank products beside its linear layers, virtual tokens before its text. */
import {
  applyLinear,
  arange,
  constant,
  type Dim,
  dropout,
  input,
  type ModuleCall,
  observe,
  parameters,
  type Tensor,
} from '@webformers/graph'
import type { Adapt } from '../call'
import type { PretrainedConfig } from '../configuration'
import { partsOf } from './linear-modules'

/** A low-rank adapter: x · Aᵀ · Bᵀ · scaling is added to what linear layers give. Like `LoraConfig` of PEFT. */
export interface LowRank {
  readonly name: string
  /** By the path of the layer; a rank may be a named dimension. */
  readonly targets: Readonly<Record<string, { readonly rank: Dim; readonly scaling: number }>>
  /** How probably an entry of the layer's input is dropped in training. */
  readonly dropout: number
}

/** Virtual tokens: what the first places of the text's embeddings become. */
export interface Prompt {
  readonly name: string
  /** How many rows its parameter has, which may be a named dimension, and how many of them are tokens. */
  readonly rows: Dim
  readonly tokens: Dim
  /** What the architecture multiplies embeddings with where Python's looks them up so multiplied, virtual tokens excepted. */
  readonly scale: number
}

/** Gemma 3 looks up embeddings that are multiplied; its virtual tokens are not. Gemma 2 multiplies all of them. */
export const promptScale = (config: PretrainedConfig & { readonly hidden_size?: unknown }): number =>
  config.model_type === 'gemma3_text' ? Math.sqrt(Number(config.hidden_size)) : 1

export interface Adapters {
  readonly lowRank?: readonly LowRank[]
  readonly prompt?: Prompt
  /** The own names of parameters whose place inputs of the same names take. */
  readonly replaced?: readonly string[]
}

/** The own name of a low-rank adapter's parameter: A is [rank, inputs], B is [outputs, rank]. */
export const lowRankName = (path: string, side: 'A' | 'B', adapter: string) =>
  `${path}.lora_${side}.${adapter}.weight`
/** The own name of a prompt's parameter: [rows, size]. */
export const promptName = (adapter: string) => `prompt_encoder.${adapter}.embedding.weight`

/** The dimension of the text that comes in. */
export const TEXT = 'sequence'

/** Call a model with adapters. Their parameters are inputs, so that one program serves all adapters of the same layers. */
export const withAdapters =
  ({ lowRank = [], prompt, replaced = [] }: Adapters): Adapt =>
  (model, given, call) => {
    const weights = new Map<string, Tensor>()
    const weight = (name: string, ...shape: Dim[]): Tensor => {
      const known = weights.get(name) ?? input(shape)
      weights.set(name, known)
      return known
    }
    const parts = partsOf(model, given)

    const observer = (call: ModuleCall): unknown => {
      if (prompt && parts.embedding(call)) return withPrompt(call.result as Tensor, prompt, weight)
      const layer = lowRank.length > 0 ? parts.linear(call) : undefined
      if (!layer) return call.result
      return lowRank.reduce((y, { name, targets, dropout: probability }) => {
        const target = targets[layer.path]
        if (!target) return y
        const a = weight(lowRankName(layer.path, 'A', name), target.rank, layer.inputs)
        const b = weight(lowRankName(layer.path, 'B', name), layer.outputs, target.rank)
        const added = applyLinear(applyLinear(dropout(call.inputs[0] as Tensor, probability), a), b)
        return y.add(target.scaling === 1 ? added : added.mul(target.scaling))
      }, call.result as Tensor)
    }
    const result = observe(model, observer, call)

    const instead = [...parameters(model)].filter(([, [name]]) => replaced.includes(name!))
    const others = instead.map(([x, [name]]) => [x, weight(name!, ...x.shape)] as const)
    return { result, weights, replaced: new Map(others) }
  }

/** The embeddings [batch, sequence, size] with the rows of the prompt in their first places. */
function withPrompt(
  embeddings: Tensor,
  { name, rows, tokens, scale }: Prompt,
  weight: (name: string, ...shape: Dim[]) => Tensor,
): Tensor {
  const all = weight(promptName(name), rows, embeddings.shape[2]!)
  const first = rows === tokens ? all : all.slice(0, 0, Number(tokens))
  const prompt = scale === 1 ? first : first.div(scale)
  const places = arange(TEXT).unsqueeze(1) // [sequence, 1]
  const chosen = places.equal(positions(tokens).unsqueeze(0)).cast('float32') // [sequence, tokens]
  const text = chosen.sum([1], { keepdims: true }).neg().add(1) // [sequence, 1]: one behind the prompt
  return embeddings.mul(text).add(chosen.matmul(prompt))
}

const positions = (count: Dim): Tensor =>
  typeof count === 'string'
    ? arange(count)
    : constant(
        Array.from({ length: count }, (_, i) => i),
        [count],
        'int32',
      )
