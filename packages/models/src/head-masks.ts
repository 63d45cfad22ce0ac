/** @file Masks over attention heads, as Python's `head_mask`, for every architecture: attentions are told apart by their maps. */
import { constant, input, type Outputs, parameter, scope, Tensor, within } from '@webformers/graph'
import type { Inputs } from './architecture'
import type { PretrainedConfig } from './configuration'
import { type HeadCounts, headCount, isStaged, keptHeads, ownStack, type Stack } from './heads'

/** The lists of attention maps, the stacks they are of, and what Python calls the masks of these. */
const masks: Readonly<Record<string, { readonly stack?: Stack; readonly name: string }>> = {
  attentions: { name: 'head_mask' },
  encoder_attentions: { stack: 'encoder', name: 'head_mask' },
  decoder_attentions: { stack: 'decoder', name: 'decoder_head_mask' },
  cross_attentions: { stack: 'cross', name: 'cross_attn_head_mask' },
  text_attentions: { stack: 'text', name: 'text_head_mask' },
  vision_attentions: { stack: 'vision', name: 'vision_head_mask' },
  audio_attentions: { stack: 'audio', name: 'audio_head_mask' },
}

export interface Masked {
  readonly outputs: Outputs
  /** The masks: [layers, heads], where heads that were pruned have an entry too. */
  readonly inputs: Inputs
  /** What takes the place of the parameters that stood for one layer's mask each. */
  readonly replaced: ReadonlyMap<Tensor, Tensor>
}

/** The stack of the attentions that are being made, where it is said. */
let making: Stack | undefined

/** Make attentions that show no maps by which they could be told apart: they are of this stack, in the order of its layers. */
export function ofStack<R>(stack: Stack, call: () => R): R {
  const outer = making
  making = stack
  try {
    return call()
  } finally {
    making = outer
  }
}

/** Call a model whose attentions multiply their weights with masks that come in as inputs.
 * @param own the stack that the list called `attentions` is of */
export function withHeadMasks(
  config: PretrainedConfig & HeadCounts,
  call: () => Outputs,
  own: Stack = ownStack(config),
): Masked {
  const places: { readonly mask: Tensor; readonly stack: Stack | undefined }[] = [] // one for each attention, until its layer is known
  const headMask = (heads: number) => {
    const mask = parameter(heads)
    places.push({ mask, stack: making })
    return mask
  }
  const outputs = within({ ...scope(), headMask }, call)
  const inputs: Record<string, Tensor> = {}
  const replaced = new Map<Tensor, Tensor>()
  const inOrder = new Set(places.flatMap(({ stack }) => stack ?? []))
  for (const [list, { stack = own, name }] of Object.entries(masks)) {
    const maps = outputs[list]
    if (!maps || maps instanceof Tensor) continue
    if (isStaged(config, stack)) {
      inOrder.add(stack) // stages need not show the maps of all layers
      continue
    }
    inputs[name] = input([maps.length, headCount(config, stack)])
    for (const [layer, map] of maps.entries()) {
      const { inputs: given } = map.node.op === 'Reshape' ? map.node.inputs[0]!.node : map.node
      const place = places.find(({ mask }) => given.includes(mask))?.mask
      if (place) replaced.set(place, keptOf(inputs[name].at(0, layer), keptHeads(config, stack, layer)))
    }
  }
  for (const stack of inOrder) {
    const layers = places.filter((place) => (place.stack ?? stack) === stack && !replaced.has(place.mask))
    const most = Math.max(...layers.map((_, layer) => headCount(config, stack, layer)))
    const { name } = Object.values(masks).find((mask) => mask.stack === stack)!
    inputs[name] = input([layers.length, most])
    for (const [layer, { mask }] of layers.entries())
      replaced.set(mask, keptOf(inputs[name].at(0, layer), keptHeads(config, stack, layer)))
  }
  // An attention of which nothing tells where it belongs keeps all its heads.
  for (const { mask } of places) if (!replaced.has(mask)) replaced.set(mask, ones(Number(mask.shape[0])))
  return { outputs, inputs, replaced }
}

const keptOf = (mask: Tensor, kept: readonly number[]): Tensor =>
  mask.shape[0] === kept.length ? mask : mask.gather(constant(kept, [kept.length], 'int32'))

const ones = (heads: number) =>
  constant(
    Array.from({ length: heads }, () => 1),
    [heads],
  )
