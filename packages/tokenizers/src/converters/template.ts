/** @file TemplateProcessing, written as Python's converters write it. */
import type { TemplateProcessingConfig } from '../post-processors/template'
import type { TokenizerJson } from '../tokenizer'
import { tokenIds } from './token-ids'
import type { Context } from './tokenizer-class'

/** `$A`, `$B` or a special token; with a type other than 0 as a pair. */
export type Part = string | readonly [text: string, type: number]

export function template(
  single: readonly Part[],
  pair: readonly Part[],
  idOf: (token: string) => number,
): TemplateProcessingConfig {
  const special: Record<string, { id: string; ids: number[]; tokens: string[] }> = {}
  const piece = (part: Part): TemplateProcessingConfig['single'][number] => {
    const [id, type_id] = typeof part === 'string' ? [part, 0] : part
    if (id === '$A' || id === '$B') return { Sequence: { id: id === '$A' ? 'A' : 'B', type_id } }
    special[id] = { id, ids: [idOf(id)], tokens: [id] }
    return { SpecialToken: { id, type_id } }
  }
  const templates = { single: single.map(piece), pair: pair.map(piece) }
  // The library writes them sorted.
  const special_tokens = Object.fromEntries(Object.entries(special).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { type: 'TemplateProcessing', ...templates, special_tokens }
}

export const withTemplate = (
  json: TokenizerJson,
  context: Context,
  single: readonly Part[],
  pair: readonly Part[],
): TokenizerJson => ({ ...json, post_processor: template(single, pair, tokenIds(json, context)) })

/** `[CLS] A [SEP]`, `[CLS] A [SEP] B [SEP]` with types. */
export const clsSep = (cls: string, sep: string): [single: Part[], pair: Part[]] => [
  [cls, '$A', sep],
  [cls, '$A', sep, ['$B', 1], [sep, 1]],
]

/** `<s> A </s>`, `<s> A </s></s> B </s>` without. */
export const doubleSep = (cls: string, sep: string): [single: Part[], pair: Part[]] => [
  [cls, '$A', sep],
  [cls, '$A', sep, sep, '$B', sep],
]
