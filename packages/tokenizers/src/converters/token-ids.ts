/** @file The ids that tokens get when they are added, told before anything is built. */
import type { AddedToken } from '../added-vocabulary'
import { TokenizerError } from '../errors'
import type { ModelConfig } from '../models'
import type { TokenizerJson } from '../tokenizer'
import type { Context } from './tokenizer-class'

/**
 * The id of a token in the vocabulary, or the one it gets when the special tokens are added; the unknown token's where it
 * is neither, as in Python.
 */
export function tokenIds(json: TokenizerJson, { added, roles }: Context): (token: string) => number {
  const own = (json.added_tokens ?? []).map(({ content }) => content)
  let known: ReadonlyMap<string, number> | undefined
  const { model } = json
  const languages = (model.type === 'SentencePiece' && model.languages) || []
  return (token) => {
    if (languages.includes(token)) return sizeOf(model) + languages.indexOf(token)
    known ??= idsInOrder(json.model, [...own, ...added])
    const id = known.get(token) ?? idOf(json.model, token) ?? known.get(roles.unk_token ?? '')
    if (id !== undefined) return id
    throw new TokenizerError(
      `The tokenizer needs ${JSON.stringify(token)}, but neither its vocabulary nor its configuration has it.`,
    )
  }
}

/** Added tokens with the ids they get, as a tokenizer.json lists them: the lowest first. */
export function numbered(model: ModelConfig, tokens: readonly AddedToken[]): (AddedToken & { id: number })[] {
  const contents = tokens.map(({ content }) => content)
  const ids = idsInOrder(model, contents)
  const full = tokens.map((token) => ({ id: ids.get(token.content)!, ...token }))
  return full.sort((a, b) => a.id - b.id)
}

/** Tokens the vocabulary has keep their ids; the others get the next ones. */
function idsInOrder(model: ModelConfig, tokens: readonly string[]): Map<string, number> {
  const wanted = new Set(tokens)
  const ids = new Map<string, number>()
  let size = sizeOf(model)
  if (model.type === 'Unigram') {
    model.vocab.forEach(([piece], id) => {
      if (wanted.has(piece)) ids.set(piece, id)
    })
  } else {
    for (const token of wanted) if (Object.hasOwn(model.vocab, token)) ids.set(token, model.vocab[token]!)
  }
  for (const id of ids.values()) size = Math.max(size, id + 1)
  for (const token of wanted) if (!ids.has(token)) ids.set(token, size++)
  return ids
}

const sizeOf = ({ vocab }: ModelConfig): number =>
  Array.isArray(vocab) ? vocab.length : Object.keys(vocab).length

function idOf(model: ModelConfig, token: string): number | undefined {
  if (model.type !== 'Unigram') return Object.hasOwn(model.vocab, token) ? model.vocab[token] : undefined
  const id = model.vocab.findLastIndex(([piece]) => piece === token)
  return id === -1 ? undefined : id
}
