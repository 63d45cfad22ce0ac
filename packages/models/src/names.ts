/** @file The names under which a checkpoint may hold a parameter. */
import type { Alias, Architecture, Head } from './architecture'

/** Layer norms in checkpoints converted from TensorFlow. */
export const gammaBeta: readonly Alias[] = [
  ['LayerNorm.weight', 'LayerNorm.gamma'],
  ['LayerNorm.bias', 'LayerNorm.beta'],
]

/** Weights that are kept as lengths and directions, in checkpoints that an older torch wrote. */
export const weightNorm: readonly Alias[] = [
  ['parametrizations.weight.original0', 'weight_g'],
  ['parametrizations.weight.original1', 'weight_v'],
]

/** Names of what older versions of transformers saved among the parameters, buffers, sines and cosines of positions, and a table that T5
 * never read: nothing is lost with them. */
export const savedBuffers = `(^|[.])(${[
  'position_ids',
  'token_type_ids',
  'attn[.]bias',
  'attn[.]masked_bias',
  'attention[.]bias',
  'attention[.]masked_bias',
  'rotary_emb[.]inv_freq',
  'EncDecAttention[.]relative_attention_bias[.]weight',
  'embed_positions[.]weights?',
  'relative_position_index',
].join('|')})$`

/**
 * Every name to look for, best first: the parameter's own and those it is tied to, then without the base model's prefix
 * (a head over a base checkpoint) or with it (a base model from a head's checkpoint), each also in its old spellings.
 * @example
 * checkpointNames(['bert.embeddings.LayerNorm.weight'], bert, 'ForMaskedLM')
 * // ['bert.embeddings.LayerNorm.weight', 'bert.embeddings.LayerNorm.gamma',
 * //  'embeddings.LayerNorm.weight', 'embeddings.LayerNorm.gamma']
 */
export function checkpointNames(
  paths: readonly string[],
  { base_model_prefix, aliases = [] }: Pick<Architecture, 'base_model_prefix' | 'aliases'>,
  head: Head,
): string[] {
  const prefix = `${base_model_prefix}.`
  const otherwise = paths.flatMap((path) => {
    if (!head.startsWith('For')) return [prefix + path]
    return path.startsWith(prefix) ? [path.slice(prefix.length)] : []
  })
  return [...paths, ...otherwise].flatMap((name) => [
    name,
    ...aliases.flatMap(([current, old]) =>
      name.endsWith(current) ? [name.slice(0, -current.length) + old] : [],
    ),
  ])
}
