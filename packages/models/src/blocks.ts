/** @file Which matrices of a model are held in blocks that share a scale. */
import type { BlockType, Target } from '@webformers/graph'
import type { Architecture, Head } from './architecture'
import type { PretrainedConfig } from './configuration'
import { type EmbeddingModules, embeddingModules } from './embeddings'
import { checkpointNames } from './names'

/** What an architecture's matrices are to lie in. */
export interface BlockChoice {
  /** What the checkpoint has a tensor in, by its name there; a matrix that lies in blocks no larger than wanted stays in them. */
  readonly stored?: ReadonlyMap<string, BlockType>
  /** What other matrices are rounded to. Default: they stay numbers. */
  readonly rounded?: Rounding
}

export interface Rounding {
  /** For the matrices of layers. */
  readonly layers: BlockType
  /** For the table of tokens, and for what gives each token a score, which is often the same: where rounding hurts most. */
  readonly vocabulary: BlockType
}

/** Narrower ones are small, and what they give is few numbers that matter much: the scores of labels, the bias of a position. */
const NARROW = 32

/**
 * Which matrices of a head are held in blocks: those of linear layers, and the table of tokens. Other tables (of positions, of
 * kinds of tokens), what gives fewer than 32 numbers, norms and biases stay as they are.
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function blocksOf(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  { stored = new Map(), rounded }: BlockChoice,
): NonNullable<Target['blocks']> {
  let known: EmbeddingModules | undefined
  const isOfVocabulary = (names: readonly string[]) => {
    known ??= embeddingModules(architecture, head, config)
    return [known.input, known.output].some((module) => module && names.includes(module.weight))
  }
  return ({ names, shape: [outputs], table }) => {
    const source = checkpointNames(names, architecture, head).find((name) => stored.has(name))
    const own = source === undefined ? undefined : stored.get(source)!
    if (!rounded) return own
    const vocabulary = isOfVocabulary(names)
    const wanted = vocabulary ? rounded.vocabulary : rounded.layers
    if (own && bits[own] <= bits[wanted]) return own
    return outputs < NARROW || (table && !vocabulary) ? undefined : wanted
  }
}

const bits: { readonly [T in BlockType]: number } = { Q8_0: 8, Q4_0: 4, Q4_1: 4 }
