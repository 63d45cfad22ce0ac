/** @file What a model has to do to be measured: how much it reads and writes, and how much a token of it reads from memory. */
import type { PreTrainedModel } from 'webformers'
import type { CacheShape, Weight } from './roofline'

/** Tokens that are read. */
export const READ = 256
/** Past tokens around which the speed of writing is taken. */
export const PAST = [64, 512] as const
/** Tokens that are written there; half of them lie before the length that is named. */
export const COUNT = 32

/** Tables beside that of tokens that a row is looked up in. */
const POSITIONS = /(^|\.)(wpe|embed_positions|position_embeddings)\.weight$/

/** Lengths as a model takes them: one of fewer positions is measured at the most it takes. */
export function lengthsFor(most: number): { read: number; past: number[] } {
  const past = PAST.map((length) => Math.min(length, most - COUNT / 2 - 1))
  return { read: Math.min(READ, most - 1), past: [...new Set(past)] }
}

/** How many positions a model has; where it says nothing, enough. */
export const positionsOf = ({ config }: Pick<PreTrainedModel, 'config'>): number =>
  numberIn(config, 'max_position_embeddings', 'n_positions') ?? Number.POSITIVE_INFINITY

type Measured = Pick<PreTrainedModel, 'parameters' | 'getInputEmbeddings' | 'getOutputEmbeddings'>

/** Each parameter once, and how a token reads it. */
export function weightsOf(model: Measured): Weight[] {
  const table = model.getInputEmbeddings().weight.name
  const scores = model.getOutputEmbeddings()?.weight.name
  return model.parameters().map(({ name, names, shape }) => {
    const looked = names.includes(table)
    const vocabulary = looked || (scores !== undefined && names.includes(scores))
    if (looked) return { shape, vocabulary, read: scores && names.includes(scores) ? 'both' : 'row' }
    return { shape, vocabulary, read: POSITIONS.test(name) ? 'row' : 'whole' }
  })
}

/** What each token leaves behind. @throws {Error} when the configuration doesn't tell */
export function cacheShapeOf({ config }: Pick<PreTrainedModel, 'config'>): CacheShape {
  const layers = numberIn(config, 'num_hidden_layers', 'n_layer')
  const queries = numberIn(config, 'num_attention_heads', 'n_head')
  const width = numberIn(config, 'hidden_size', 'n_embd')
  const heads = numberIn(config, 'num_key_value_heads') ?? queries
  if (layers === undefined || queries === undefined || width === undefined || heads === undefined)
    throw new Error(`The configuration of this ${config.model_type} does not tell its layers and heads.`)
  return { layers, heads, size: numberIn(config, 'head_dim') ?? width / queries }
}

function numberIn(
  config: Readonly<Record<string, unknown>>,
  ...names: readonly string[]
): number | undefined {
  return names.map((name) => config[name]).find((value): value is number => typeof value === 'number')
}

/**
 * Ids of a prompt, of which no two begin alike: what was read before helps nobody.
 * @param number of the prompt
 */
export function promptOf(length: number, number: number, vocabulary: number): number[] {
  let state = Math.imul(number + 1, 0x9e3779b9)
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0 // Numerical Recipes' generator
    return Math.floor((state / 2 ** 32) * vocabulary)
  })
}
