/** @file Products of adapters, added to the weights of their model. */
import { toFloat16 } from '@webformers/graph'
import { breather, type SavedTensor } from '@webformers/hub'
import { lowRankName } from '@webformers/models'
import { toBFloat16 } from '@webformers/runtime'
import type { Programs } from '../programs'
import { storedTensors } from '../surgery/model-parameters'
import type { Adapter } from './adapter'
import { AdapterError } from './errors'
import { numbersOf, savedTensor } from './files'
import type { LowRankLayer } from './plan'

/** Weights before and after. */
export interface Merge {
  readonly before: readonly SavedTensor[]
  readonly after: readonly SavedTensor[]
}

/**
 * The weights of a model with adapters in them, and as they were.
 * @throws {AdapterError} when one of them is no matter of weights
 */
export async function mergeOf(model: Programs, adapters: readonly Adapter[]): Promise<Merge> {
  const layers = new Map<string, [Adapter, LowRankLayer][]>() // by the own name of the weight
  const whole = new Map<string, Adapter>()
  for (const adapter of adapters) {
    if (adapter.plan.prompt) {
      throw new AdapterError(
        `Adapter "${adapter.plan.name}" is made of virtual tokens, which can't be merged into weights.`,
      )
    }
    for (const layer of adapter.plan.layers)
      layers.set(layer.weight, [...(layers.get(layer.weight) ?? []), [adapter, layer]])
    for (const { name, whole: own } of adapter.plan.parameters)
      if (own && adapter.weights.has(name)) whole.set(name, adapter)
  }
  const before = await storedTensors(model, [...layers.keys(), ...whole.keys()])
  const after: SavedTensor[] = []
  const breathe = breather()
  for (const tensor of before) {
    const replaced = whole.get(tensor.name)
    after.push(
      replaced
        ? savedTensor(tensor.name, replaced.weights.get(tensor.name)!)
        : await withProducts(tensor, layers.get(tensor.name)!, breathe),
    )
  }
  return { before, after }
}

/** In the type that the weight has. */
async function withProducts(
  tensor: SavedTensor,
  products: readonly (readonly [Adapter, LowRankLayer])[],
  breathe: () => Promise<void> | undefined,
): Promise<SavedTensor> {
  const { data } = await numbersOf(tensor)
  for (const [{ plan, weights }, layer] of products) {
    const { path, inputs, outputs, rank, scaling, transposed } = layer
    const [a, b] = (['A', 'B'] as const).map((side) => weights.get(lowRankName(path, side, plan.name))!.data)
    const [rowStep, columnStep] = transposed ? [1, outputs] : [inputs, 1]
    for (let output = 0; output < outputs; output++) {
      for (let input = 0; input < inputs; input++) {
        let sum = 0
        for (let i = 0; i < rank; i++) sum += b![output * rank + i]! * a![i * inputs + input]!
        data[output * rowStep + input * columnStep]! += sum * scaling
      }
      await breathe()
    }
  }
  const values = data as Float32Array<ArrayBuffer>
  const { name, dtype, shape } = tensor
  if (dtype === 'F16') return { name, dtype, shape, bytes: new Blob([toFloat16(values)]) }
  if (dtype === 'BF16') return { name, dtype, shape, bytes: new Blob([toBFloat16(values)]) }
  return savedTensor(name, { dtype: 'float32', shape, data })
}
