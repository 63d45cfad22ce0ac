/** @file TemplateProcessing: the order of texts and special tokens, spelled out. */
import { Encoding } from '../encoding'
import { TokenizerError } from '../errors'
import { type Check, type Checks, count, isObject } from '../fields'
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

const isPiece = (value: unknown): boolean => {
  if (!isObject(value)) return false
  const [[kind, piece] = [], ...others] = Object.entries(value)
  if (others.length > 0 || !isObject(piece) || !count.accepts(piece.type_id)) return false
  return kind === 'Sequence'
    ? piece.id === 'A' || piece.id === 'B'
    : kind === 'SpecialToken' && typeof piece.id === 'string'
}

const pieces: Check = {
  expected: 'a list of {"Sequence": {"id": "A", "type_id": 0}} and {"SpecialToken": …}',
  accepts: (value) => Array.isArray(value) && value.every(isPiece),
}

const specialTokens: Check = {
  expected: 'an object of {"id", "ids", "tokens"}, with as many ids as tokens',
  accepts: (value) =>
    isObject(value) &&
    Object.values(value).every(
      (special) =>
        isObject(special) &&
        Array.isArray(special.ids) &&
        special.ids.every(count.accepts) &&
        Array.isArray(special.tokens) &&
        special.tokens.every((token) => typeof token === 'string') &&
        special.ids.length === special.tokens.length,
    ),
}

export const templateFields: Checks<TemplateProcessingConfig> = {
  single: pieces,
  pair: pieces,
  special_tokens: specialTokens,
}

/** @throws {TokenizerError} when a template uses a token that is not declared, or the single one a second text. */
export function templateProcessing({
  single,
  pair,
  special_tokens,
}: TemplateProcessingConfig): PostProcessor {
  const tokensOf = (id: string) => {
    const special = Object.hasOwn(special_tokens, id) ? special_tokens[id] : undefined
    if (special === undefined) {
      throw new TokenizerError(
        `TemplateProcessing: the template uses ${JSON.stringify(id)}, which special_tokens lacks.`,
      )
    }
    return special
  }
  const countAdded = (template: readonly Piece[]) =>
    template.reduce(
      (sum, piece) => sum + ('SpecialToken' in piece ? tokensOf(piece.SpecialToken.id).ids.length : 0),
      0,
    )
  if (single.some((piece) => 'Sequence' in piece && piece.Sequence.id === 'B')) {
    throw new TokenizerError('TemplateProcessing: the template for single texts uses a second one, "B".')
  }
  const addedSingle = countAdded(single)
  const addedPair = countAdded(pair)

  return {
    added: (isPair) => (isPair ? addedPair : addedSingle),
    process(encodings, addSpecialTokens) {
      const result: Encoding[] = []
      const template = encodings.length === 2 ? pair : single
      template.forEach((piece, i) => {
        if ('Sequence' in piece) {
          const sequence = piece.Sequence.id === 'A' ? 0 : 1
          const encoding = encodings[sequence]!
          encoding.become({ typeId: piece.Sequence.type_id })
          encoding.setSequence(sequence)
          // The last time a template has a text, nobody else needs it.
          const again = template.findLastIndex(
            (other) => 'Sequence' in other && other.Sequence.id === piece.Sequence.id,
          )
          result.push(again > i ? encoding.clone() : encoding)
        } else if (addSpecialTokens) {
          const { ids, tokens } = tokensOf(piece.SpecialToken.id)
          result.push(Encoding.special(tokens, ids, piece.SpecialToken.type_id, encodings[0]!.tokenOf))
        }
      })
      return result.length === 0 ? [new Encoding(encodings[0]!.tokenOf)] : result
    },
  }
}
