/** @file The active adapters as one: products add up, so several of them are one of all their ranks. */
import { type Adapters, type LinearModule, lowRankName, promptName, withAdapters } from '@webformers/models'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import type { Request } from '../requests'
import type { Adapter } from './adapter'

/** What a call gets of adapters. */
export type Applied = Pick<Request, 'key' | 'inputs'> & { readonly hooks: Pick<Request['hooks'], 'adapt'> }

/** The name under which the active adapters are inputs of a program. */
const ACTIVE = 'active'
const VIRTUAL = 'virtual_tokens'

/**
 * Programs know layers, not adapters: ranks and numbers of tokens are dimensions that inputs give. What is switched off for a layer
 * is zero, so that no switch makes another program.
 * @param layers all that may be adapted
 */
export function stacked(
  active: readonly Adapter[],
  layers: ReadonlyMap<string, LinearModule>,
  promptScale: number,
): Applied {
  const prompt = active.find(({ plan }) => plan.prompt)
  const whole = active.flatMap(({ plan, weights }) =>
    plan.parameters.flatMap(({ name, whole }) => (whole && weights.has(name) ? [name] : [])),
  )
  const targets = [...layers.keys()].map((path) => [path, { rank: `rank:${path}`, scaling: 1 }] as const)
  const adapters: Adapters = {
    lowRank: targets.length > 0 ? [{ name: ACTIVE, targets: Object.fromEntries(targets), dropout: 0 }] : [],
    prompt: prompt && { name: ACTIVE, rows: VIRTUAL, tokens: VIRTUAL, scale: promptScale },
    replaced: whole,
  }
  const values = active.flatMap(({ weights }) => whole.map((name) => [name, weights.get(name)] as const))
  const products = [...layers.values()].flatMap((layer) => Object.entries(product(active, layer)))
  const inputs = [
    ...products,
    ...values.filter((entry): entry is [string, PlainTensor<'float32'>] => entry[1] !== undefined),
    ...(prompt ? [[promptName(ACTIVE), virtualTokens(prompt)] as const] : []),
  ]
  return {
    key: JSON.stringify([[...layers.keys()], prompt !== undefined, whole]),
    hooks: { adapt: withAdapters(adapters) },
    inputs: Object.fromEntries(inputs),
  }
}

/** All A one below the other, all B side by side, each times its scaling. */
function product(active: readonly Adapter[], { path, inputs, outputs }: LinearModule): PlainTensors {
  const parts = active.flatMap(({ plan, weights }) => {
    const layer = plan.layers.find((each) => each.path === path)
    if (!layer) return []
    const of = (side: 'A' | 'B') => weights.get(lowRankName(path, side, plan.name))!.data
    return [{ ...layer, a: of('A'), b: of('B') }]
  })
  const rank = Math.max(
    1,
    parts.reduce((sum, part) => sum + part.rank, 0),
  ) // one of zeros, where there is none
  const [a, b] = [new Float32Array(rank * inputs), new Float32Array(outputs * rank)]
  let first = 0
  for (const part of parts) {
    a.set(part.a, first * inputs)
    for (let row = 0; row < outputs; row++)
      for (let i = 0; i < part.rank; i++)
        b[row * rank + first + i] = part.b[row * part.rank + i]! * part.scaling
    first += part.rank
  }
  return {
    [lowRankName(path, 'A', ACTIVE)]: { dtype: 'float32', shape: [rank, inputs], data: a },
    [lowRankName(path, 'B', ACTIVE)]: { dtype: 'float32', shape: [outputs, rank], data: b },
  }
}

/** The rows that stand before an encoder's text: PEFT keeps as many again for a decoder. */
function virtualTokens({ plan, weights }: Adapter): PlainTensor<'float32'> {
  const { shape, data } = weights.get(promptName(plan.name))!
  const [tokens, size] = [plan.prompt!.tokens, shape[1]!]
  return { dtype: 'float32', shape: [tokens, size], data: data.slice(0, tokens * size) }
}
