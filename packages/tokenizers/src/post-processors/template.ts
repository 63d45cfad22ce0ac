/** @file TemplateProcessing: the order of texts and special tokens, spelled out. */
import { Encoding } from '../encoding'
import { TokenizerError } from '../errors'
import type { PostProcessor } from './post-processor'

type Piece =
  | { Sequence: { id: 'A' | 'B'; type_id: number } }
  | { SpecialToken: { id: string; type_id: number } }

export interface TemplateProcessingConfig {
  type: 'TemplateProcessing'
  single: readonly Piece[]
  pair: readonly Piece[]
  special_tokens: Readonly<Record<string, { id: string; ids: readonly number[]; tokens: readonly string[] }>>
}

export function templateProcessing({
  single,
  pair,
  special_tokens,
}: TemplateProcessingConfig): PostProcessor {
  const tokensOf = (id: string) => {
    const special = special_tokens[id]
    if (special === undefined) {
      throw new TokenizerError(
        `TemplateProcessing: the template uses ${JSON.stringify(id)}, which special_tokens lacks.`,
      )
    }
    return special
  }
  const count = (template: readonly Piece[]) =>
    template.reduce(
      (sum, piece) => sum + ('SpecialToken' in piece ? tokensOf(piece.SpecialToken.id).ids.length : 0),
      0,
    )
  const addedSingle = count(single)
  const addedPair = count(pair)

  return {
    added: (isPair) => (isPair ? addedPair : addedSingle),
    process(encodings, addSpecialTokens) {
      const result: Encoding[] = []
      for (const piece of encodings.length === 2 ? pair : single) {
        if ('Sequence' in piece) {
          const sequence = piece.Sequence.id === 'A' ? 0 : 1
          const encoding = encodings[sequence]!
          encoding.typeIds.fill(piece.Sequence.type_id)
          encoding.setSequence(sequence)
          result.push(encoding.clone())
        } else if (addSpecialTokens) {
          const { ids, tokens } = tokensOf(piece.SpecialToken.id)
          result.push(Encoding.special(tokens, ids, piece.SpecialToken.type_id, encodings[0]!.tokenOf))
        }
      }
      return result
    },
  }
}
