/** @file Which attention heads each layer has: all that the configuration counts but those in `pruned_heads`. */
import type { HeadAxis } from '@webformers/graph'
import { ConfigurationError } from './errors'

/** Layer → the heads taken out of it, by their places before any was. A plain number is a layer of the encoder, or of whatever
 * the model consists of; an encoder-decoder's other attentions, which Python has no names for, are `decoder.0` and `cross.0`, those
 * of two towers `text.0` and `vision.0`. */
export type PrunedHeads = Readonly<Record<string, readonly number[]>>

/** The attentions of a model by what they are for: an encoder's over itself, a decoder's over itself, a decoder's over the encoder,
 * those of a tower. */
export type Stack = 'encoder' | 'decoder' | 'cross' | Tower
type Tower = 'text' | 'vision' | 'audio'

interface PrunedConfig {
  readonly model_type: string
  readonly pruned_heads: PrunedHeads
}
interface OwnCounts {
  /** One number, or one for each stage. */
  readonly num_attention_heads?: number | readonly number[]
  /** How many layers each stage has. */
  readonly depths?: readonly number[]
  /** Of a decoder, where it has its own number of them. */
  readonly decoder_attention_heads?: number
}
/** What a configuration tells of how many heads there are, it or those inside of it. */
export interface HeadCounts extends OwnCounts {
  readonly text_config?: OwnCounts
  readonly vision_config?: OwnCounts
  readonly audio_config?: OwnCounts
  readonly encoder?: OwnCounts
  readonly decoder?: OwnCounts
}
interface HeadConfig extends PrunedConfig, OwnCounts {
  readonly hidden_size: number
  readonly num_attention_heads: number
}
interface SharedHeadConfig extends HeadConfig {
  readonly num_key_value_heads: number
  readonly head_dim?: number | null
}

/** Where the configurations lie inside of another's that are of these stacks. */
const parts = {
  encoder: 'encoder',
  decoder: 'decoder',
  cross: 'decoder',
  text: 'text_config',
  vision: 'vision_config',
  audio: 'audio_config',
} as const satisfies Readonly<Record<Stack, keyof HeadCounts>>

/** What tells of the heads of a stack: a configuration, or that inside of it which is of the stack, or of what reads and writes. */
function countsOf(config: HeadCounts, stack: Stack): OwnCounts {
  const part = config[parts[stack]]
  if (typeof part === 'object') return part
  return (config.num_attention_heads === undefined && config.text_config) || config
}

/** How many heads an attention of a stack has before any is pruned; NaN where the configuration does not tell. */
export function headCount(config: HeadCounts, stack: Stack, layer = 0): number {
  const counts = countsOf(config, stack)
  const { num_attention_heads = Number.NaN, decoder_attention_heads } = counts
  if ((stack === 'decoder' || stack === 'cross') && decoder_attention_heads !== undefined)
    return decoder_attention_heads
  return typeof num_attention_heads === 'number'
    ? num_attention_heads
    : (layerHeads({ num_attention_heads, ...counts })[layer] ?? Number.NaN)
}

/** Whether each stage of layers has its own number of heads. */
export function isStaged(config: HeadCounts, stack: Stack): boolean {
  return typeof countsOf(config, stack).num_attention_heads === 'object'
}

/** How many layers there are, those of all stages together. */
export const layerCount = ({
  depths,
  num_hidden_layers,
}: Pick<OwnCounts, 'depths'> & { readonly num_hidden_layers: number }): number =>
  depths?.reduce((sum, depth) => sum + depth, 0) ?? num_hidden_layers

/** How many heads each layer has where each stage has its own number of them. */
const layerHeads = ({ num_attention_heads, depths = [] }: OwnCounts): number[] =>
  depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, () => (num_attention_heads as readonly number[])[stage]!),
  )

/** The heads of a layer of a model whose stages have their own numbers of heads, which are pruned by the place of the layer among
 * those of all stages; `width` is that of the stage. */
export function stageHeadsOf(
  c: PrunedConfig & { readonly num_attention_heads: readonly number[]; readonly depths: readonly number[] },
  stage: number,
  index: number,
  width: number,
): HeadAxis {
  const layer = c.depths.slice(0, stage).reduce((sum, depth) => sum + depth, index)
  const total = c.num_attention_heads[stage]!
  return { total, size: width / total, kept: remaining(c.pruned_heads, total, `${layer}`) }
}

/** The heads that one layer has; `size` is that of a head. */
export function headsOf(
  c: HeadConfig,
  layer: number,
  { stack = 'encoder' as Stack, size = Math.floor(c.hidden_size / headCount(c, stack)) } = {},
): HeadAxis {
  const total = headCount(c, stack)
  return { total, size, kept: remaining(c.pruned_heads, total, keyOf(stack, layer)) }
}

/** The heads that one layer has where several heads of the queries share one of the keys and values. */
export function sharedHeadsOf(c: SharedHeadConfig, layer: number) {
  const queries = headsOf(c, layer, { size: c.head_dim ?? undefined })
  const group = c.num_attention_heads / c.num_key_value_heads
  const kept = queries.kept.filter((head) => head % group === 0).map((head) => head / group)
  return { queries, keys: { ...queries, total: c.num_key_value_heads, kept } }
}

/** A layer's key in `pruned_heads`. */
const keyOf = (stack: Stack, layer: number) => (stack === 'encoder' ? `${layer}` : `${stack}.${layer}`)

/** A key of `pruned_heads` as Python spells it. */
export const canonicalKey = (key: string) => key.replace(/^encoder[.]/, '')

function remaining(pruned: PrunedHeads, count: number, layer: string): number[] {
  const gone = Object.entries(pruned).flatMap(([key, heads]) => (canonicalKey(key) === layer ? heads : []))
  return Array.from({ length: count }, (_, head) => head).filter((head) => !gone.includes(head))
}

interface AnyConfig extends PrunedConfig, HeadCounts {
  readonly is_decoder?: boolean
  /** ALBERT's: groups of layers, each of which stands for several. */
  readonly num_hidden_groups?: number
  readonly inner_group_num?: number
  readonly num_hidden_layers?: number
}

/**
 * The heads that are left of an attention, by their places before any was pruned. `layer` is its place among the attention maps
 * of its stack.
 * @example
 * keptHeads({ ...config, num_attention_heads: 4, pruned_heads: { 2: [1] } }, 'encoder', 2) // [0, 2, 3]
 * @throws {ConfigurationError} when the configuration does not tell how many heads there are.
 */
export function keptHeads(config: AnyConfig, stack: Stack, layer: number): readonly number[] {
  const total = headCount(config, stack, layer)
  if (Number.isNaN(total))
    throw new ConfigurationError(
      `The configuration of model_type "${config.model_type}" has no num_attention_heads, so its heads can not be counted.`,
    )
  return remaining(config.pruned_heads, total, keyOf(stack, storedLayer(config, layer)))
}

/** The stack that the list called `attentions` is of: the encoder, or all there is, or the decoder of two where it stands alone. */
export const ownStack = ({ is_decoder, decoder_attention_heads }: AnyConfig): Stack =>
  is_decoder && decoder_attention_heads !== undefined ? 'decoder' : 'encoder'

/** The layer whose weights an attention has, counted through all groups. */
function storedLayer(
  { num_hidden_layers, num_hidden_groups, inner_group_num = 1 }: AnyConfig,
  layer: number,
): number {
  if (num_hidden_layers === undefined || num_hidden_groups === undefined) return layer
  const group = Math.floor((Math.floor(layer / inner_group_num) * num_hidden_groups) / num_hidden_layers)
  return group * inner_group_num + (layer % inner_group_num)
}

/** How many layers each stack has. */
type Layers = Readonly<Partial<Record<Stack, number>>>

interface CheckedConfig extends PrunedConfig, HeadCounts {
  readonly num_key_value_heads?: number
}

/**
 * Refuse `pruned_heads` that name what is not there or leave nothing.
 * @throws {ConfigurationError} naming the layer and the heads.
 */
export function expectHeads(config: CheckedConfig, layers: Layers) {
  const { pruned_heads, num_key_value_heads } = config
  if (Array.isArray(pruned_heads)) refuseHeads(config, 'is a list; it names heads by layer, as {"0": [1, 2]}')
  for (const [key, heads] of Object.entries(pruned_heads)) {
    if (!isLayer(key, layers)) refuseHeads(config, `names layer "${key}"; layers are ${named(layers)}`)
    if (!Array.isArray(heads)) refuseHeads(config, `has no list of heads for layer "${key}"`)
    const count = headCount(config, stackOf(key), Number(key.match(/\d+$/)))
    const wrong = heads.find((head) => !(Number.isInteger(head) && head >= 0 && head < count))
    if (wrong !== undefined)
      refuseHeads(
        config,
        `names head ${JSON.stringify(wrong)} of layer "${key}"; its heads are 0 to ${count - 1}`,
      )
    const left = remaining(pruned_heads, count, canonicalKey(key))
    if (left.length === 0) refuseHeads(config, `takes all heads out of layer "${key}"; leave it at least one`)
    expectWholeGroups(config, key, left, count / (num_key_value_heads ?? count))
  }
}

const stackOf = (key: string) =>
  (key.match(/^(decoder|cross|text|vision|audio)[.]/)?.[1] ?? 'encoder') as Stack

function isLayer(key: string, layers: Layers): boolean {
  const layer = canonicalKey(key).match(/^(?:(?:decoder|cross|text|vision|audio)[.])?(\d+)$/)?.[1]
  return layer !== undefined && Number(layer) < (layers[stackOf(key)] ?? 0)
}

const named = (layers: Layers) =>
  Object.entries(layers)
    .map(([stack, count]) => `"${keyOf(stack as Stack, 0)}" to "${keyOf(stack as Stack, count - 1)}"`)
    .join(', ')

/** Heads that share keys and values can only go together. */
function expectWholeGroups(config: PrunedConfig, key: string, left: readonly number[], size: number) {
  const groupOf = (head: number) => Math.floor(head / size)
  const broken = left.find((head) => left.filter((other) => groupOf(other) === groupOf(head)).length < size)
  if (broken === undefined) return
  const group = Array.from({ length: size }, (_, i) => groupOf(broken) * size + i)
  const missing = group.filter((head) => left.includes(head))
  refuseHeads(
    config,
    `takes heads ${group.filter((head) => !missing.includes(head)).join(', ')} out of layer "${key}" and leaves ` +
      `${missing.join(', ')}, but heads ${group.join(', ')} share their keys and values and can only go together`,
  )
}

function refuseHeads({ model_type, pruned_heads }: PrunedConfig, why: string): never {
  throw new ConfigurationError(
    `pruned_heads of model_type "${model_type}" ${why}. It is ${JSON.stringify(pruned_heads)}.`,
  )
}
