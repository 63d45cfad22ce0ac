/** @file Which matrices of a model are held in blocks that share a scale. */
import type { BlockType, Target } from '@webformers/graph'
import type { Architecture, Head } from './architecture'
import type { PretrainedConfig } from './configuration'
import { embeddingModules } from './embeddings'
import { checkpointNames } from './names'

/** What an architecture's matrices are to lie in. */
export interface BlockChoice {
  /** What the checkpoint has a tensor in, by its name there; a matrix that lies in blocks no larger than wanted stays in them. */
  readonly stored?: ReadonlyMap<string, BlockType>
  /** What other matrices are rounded to. Default: they stay numbers. */
  readonly rounded?: BlockType
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
  let known: { readonly input?: { readonly weight: string } } | undefined
  const isOfTokens = (names: readonly string[]) => {
    known ??= embeddingModules(architecture, head, config)
    return known.input !== undefined && names.includes(known.input.weight)
  }
  return ({ names, shape: [outputs], table }) => {
    const source = checkpointNames(names, architecture, head).find((name) => stored.has(name))
    const own = source === undefined ? undefined : stored.get(source)!
    if (own && (rounded === undefined || bits[own] <= bits[rounded])) return own
    if (rounded === undefined || outputs < NARROW) return undefined
    return table && !isOfTokens(names) ? undefined : rounded
  }
}

const bits: { readonly [T in BlockType]: number } = { Q8_0: 8, Q4_0: 4, Q4_1: 4 }
