/** @file What every configuration has: its labels, and the defaults that Python's config class fills in. */
import { activations } from '@webformers/graph'
import { ConfigurationError } from './errors'
import { expectHeads, type PrunedHeads } from './heads'

/** A parsed `config.json`, as it lies in the repository. */
export type Json = Readonly<Record<string, unknown>>

/** The keys all configurations share; the counterpart of Python's `PretrainedConfig`. */
export interface PretrainedConfig {
  readonly model_type: string
  readonly problem_type: 'regression' | 'single_label_classification' | 'multi_label_classification' | null
  readonly tie_word_embeddings: boolean
  readonly is_decoder: boolean
  readonly add_cross_attention: boolean
  readonly pruned_heads: PrunedHeads
  readonly id2label: Readonly<Record<number, string>>
  readonly label2id: Readonly<Record<string, number>>
  /** How many labels `id2label` names. */
  readonly num_labels: number
}

const common = {
  problem_type: null as PretrainedConfig['problem_type'],
  tie_word_embeddings: true,
  is_decoder: false,
  add_cross_attention: false,
  pruned_heads: {} as PretrainedConfig['pruned_heads'],
}

/** Other names of keys, as Python's `attribute_map`: either may stand in a file, and both can be read. */
type AttributeMap<D> = Readonly<Record<string, keyof D & string>>

/**
 * A `config.json` with the defaults of its architecture filled in and its values checked against their types.
 * @param attributeMap the name that other architectures give to a key → the key
 * @throws {ConfigurationError} when a value has another type than its default.
 */
export function pretrainedConfig<
  D extends Json & { model_type: string },
  const M extends AttributeMap<D> = Record<never, never>,
>(
  json: Json,
  defaults: D,
  attributeMap: M = {} as M,
): PretrainedConfig & D & { readonly [N in keyof M]: D[M[N]] } {
  const names = Object.entries(attributeMap)
  const renamed = names.flatMap(([name, key]) => (name in json ? [[key, json[name]]] : []))
  const given = { ...withoutNulls(Object.fromEntries(renamed)), ...withoutNulls(json) }
  const filled = { ...common, ...defaults, ...given }
  for (const [key, standard] of Object.entries({ ...common, ...defaults })) {
    const value = filled[key as keyof typeof filled]
    if (standard !== null && typeof value !== typeof standard) {
      refuse(filled, key, `a ${typeof standard} such as ${JSON.stringify(standard)}`)
    }
  }
  const { problem_type } = filled
  const others = Object.fromEntries(names.map(([name, key]) => [name, filled[key]]))
  const config = { ...filled, ...labels(json), ...others }
  if (problem_type !== null) expectOneOf(config, 'problem_type', PROBLEM_TYPES)
  return config as typeof config & { readonly [N in keyof M]: D[M[N]] }
}

const PROBLEM_TYPES = ['regression', 'single_label_classification', 'multi_label_classification']

/** Python writes `None` for what was left to its default. */
const withoutNulls = (json: Json) =>
  Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null))

/** Names of the labels: `id2label` as it is given, else LABEL_0, LABEL_1, … as many as `num_labels` says, or two. */
function labels({ id2label, num_labels = 2 }: { id2label?: unknown; num_labels?: unknown }) {
  const names =
    typeof id2label === 'object' && id2label !== null
      ? (id2label as Record<number, string>)
      : Object.fromEntries(Array.from({ length: Number(num_labels) }, (_, i) => [i, `LABEL_${i}`]))
  const ids = Object.entries(names).map(([id, label]) => [label, Number(id)] as const)
  return { id2label: names, label2id: Object.fromEntries(ids), num_labels: ids.length }
}

/**
 * Refuse a value that nothing here computes, rather than compute something else.
 * @throws {ConfigurationError} naming the key, its value and the values that are known.
 */
export function expectOneOf<C extends PretrainedConfig>(
  config: C,
  key: keyof C & string,
  known: readonly unknown[],
) {
  if (!known.includes(config[key]))
    refuse(config, key, known.map((value) => JSON.stringify(value)).join(' or '))
}

/** Refuse an activation function nobody has written. */
export const expectActivation = <C extends PretrainedConfig>(config: C, key: keyof C & string) =>
  expectOneOf(config, key, Object.keys(activations))

interface EncoderConfig extends PretrainedConfig {
  readonly hidden_size: number
  readonly num_attention_heads: number
  readonly num_hidden_layers: number
  readonly position_embedding_type?: string
}

/** Refuse what an encoder of this family may be configured to in Python but is not written here; `layers` is how many have
 * weights of their own. */
export function expectEncoder(config: EncoderConfig, layers = config.num_hidden_layers) {
  expectOneOf(config, 'is_decoder', [false])
  if (config.position_embedding_type !== undefined)
    expectOneOf(config, 'position_embedding_type', ['absolute'])
  if (config.hidden_size % config.num_attention_heads !== 0) {
    refuse(config, 'num_attention_heads', `a divisor of hidden_size, which is ${config.hidden_size}`)
  }
  expectHeads(config, { encoder: layers })
}

/** Refuse the value of a key, saying what would do.
 * @throws {ConfigurationError} */
export function refuse(config: { model_type: string }, key: string, supported: string): never {
  const value = JSON.stringify((config as Json)[key])
  throw new ConfigurationError(
    `config.json of model_type "${config.model_type}" has ${key} = ${value}; supported: ${supported}. ` +
      'Use another checkpoint, or register an architecture of your own that computes this.',
  )
}
