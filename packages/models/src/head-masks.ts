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

/** Call a model whose attentions multiply their weights with masks that come in as inputs.
 * @param own the stack that the list called `attentions` is of */
export function withHeadMasks(
  config: PretrainedConfig & HeadCounts,
  call: () => Outputs,
  own: Stack = ownStack(config),
): Masked {
  const places: Tensor[] = [] // one for each attention, until its layer is known
  const headMask = (heads: number) => {
    const place = parameter(heads)
    places.push(place)
    return place
  }
  const outputs = within({ ...scope(), headMask }, call)
  const inputs: Record<string, Tensor> = {}
  const replaced = new Map<Tensor, Tensor>()
  const staged = typeof config.num_attention_heads === 'object' && config.num_attention_heads
  if (staged) {
    // Stages differ in their heads, and need not show the maps of all layers; attentions are made in the order of the layers.
    const mask = input([places.length, Math.max(...staged)])
    inputs.head_mask = mask
    for (const [layer, place] of places.entries())
      replaced.set(place, keptOf(mask.at(0, layer), keptHeads(config, own, layer)))
    return { outputs, inputs, replaced }
  }
  for (const [list, { stack = own, name }] of Object.entries(masks)) {
    const maps = outputs[list]
    if (!maps || maps instanceof Tensor || isStaged(config, stack)) continue
    inputs[name] = input([maps.length, headCount(config, stack)])
    for (const [layer, map] of maps.entries()) {
      const { inputs: given } = map.node.op === 'Reshape' ? map.node.inputs[0]!.node : map.node
      const place = given.find((x) => x && places.includes(x))
      if (place) replaced.set(place, keptOf(inputs[name].at(0, layer), keptHeads(config, stack, layer)))
    }
  }
  // An attention that shows no maps can't be told apart; it keeps all its heads.
  for (const place of places) if (!replaced.has(place)) replaced.set(place, ones(Number(place.shape[0])))
  return { outputs, inputs, replaced }
}

const keptOf = (mask: Tensor, kept: readonly number[]): Tensor =>
  mask.shape[0] === kept.length ? mask : mask.gather(constant(kept, [kept.length], 'int32'))

const ones = (heads: number) =>
  constant(
    Array.from({ length: heads }, () => 1),
    [heads],
  )
