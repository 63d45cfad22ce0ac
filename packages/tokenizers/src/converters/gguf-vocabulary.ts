/** @file What a GGUF file says of its tokenizer, checked. */
import type { GgufItem, GgufMetadata } from '@webformers/hub'
import { TokenizerError } from '../errors'
import type { Merge } from './merges'

export interface GgufVocabulary {
  tokens: readonly string[]
  /** None where merges say in which order tokens are made. */
  scores: readonly number[] | undefined
  /** See `CONTROL`; none in old files. */
  types: readonly number[] | undefined
  merges: readonly (string | Merge)[]
  /** Of SentencePiece (`'llama'`), or of bytes (`'gpt2'`). */
  algorithm: string
  roles: { [Role in GgufRole]: string | null }
  /** Whether a text begins with a space. */
  spaced: boolean
  chatTemplate: string | undefined
}

type GgufRole = keyof typeof ROLES

const ROLES = {
  unk_token: 'unknown',
  bos_token: 'bos',
  eos_token: 'eos',
  pad_token: 'padding',
}

/** The type of a token that no text has. */
export const CONTROL = 3

/** @throws {TokenizerError} when the file has no tokenizer, or a malformed one. */
export async function readVocabulary({ file, values }: GgufMetadata): Promise<GgufVocabulary> {
  const take = async <T extends GgufItem>(
    name: string,
    expected: string,
    fits: (value: GgufItem) => value is T,
  ): Promise<T | undefined> => {
    const key = `tokenizer.${name}`
    const value = values.get(key)
    const plain = typeof value === 'object' ? await value.read() : value
    if (plain === undefined || fits(plain)) return plain
    throw new TokenizerError(
      `"${key}" of "${file}" is no ${expected}: ${JSON.stringify(plain)?.slice(0, 60)}.`,
    )
  }
  const tokens = await take('ggml.tokens', 'list of texts', isTexts)
  if (tokens === undefined)
    throw new TokenizerError(
      `"${file}" has no tokenizer ("tokenizer.ggml.tokens"). Load one from the repository of the model it was made of.`,
    )
  const scores = await take('ggml.scores', 'list of numbers', isNumbers)
  const merges = await take('ggml.merges', 'list of texts', isTexts)
  if (merges === undefined && scores?.length !== tokens.length)
    throw new TokenizerError(
      `The tokenizer of "${file}" has ${tokens.length} tokens and ${scores?.length ?? 'no'} scores, expected as many, or merges.`,
    )
  const tokenOf = async (role: GgufRole): Promise<string | null> => {
    const key = `ggml.${ROLES[role]}_token_id`
    const id = await take(key, 'number', isNumber)
    const token = id === undefined ? null : tokens[id]
    if (token !== undefined) return token
    throw new TokenizerError(
      `"tokenizer.${key}" of "${file}" is ${id}, but its tokenizer has ${tokens.length} tokens.`,
    )
  }
  return {
    tokens,
    scores,
    types: await take('ggml.token_type', 'list of numbers', isNumbers),
    merges: merges ?? mergesOf(tokens, scores!),
    algorithm: (await take('ggml.model', 'text', isText)) ?? 'llama',
    roles: {
      unk_token: await tokenOf('unk_token'),
      bos_token: await tokenOf('bos_token'),
      eos_token: await tokenOf('eos_token'),
      pad_token: await tokenOf('pad_token'),
    },
    spaced: (await take('ggml.add_space_prefix', 'truth', isTruth)) ?? true,
    chatTemplate: await take('chat_template', 'text', isText),
  }
}

const isText = (value: GgufItem): value is string => typeof value === 'string'
const isNumber = (value: GgufItem): value is number => typeof value === 'number'
const isTruth = (value: GgufItem): value is boolean => typeof value === 'boolean'
const isTexts = (value: GgufItem): value is string[] => Array.isArray(value) && value.every(isText)
const isNumbers = (value: GgufItem): value is number[] => Array.isArray(value) && value.every(isNumber)

/**
 * Every pair of tokens that makes a token, the token with the highest score first; of one token the pair whose left part has
 * the highest score, then the right.
 */
function mergesOf(tokens: readonly string[], scores: readonly number[]): Merge[] {
  const scoreOf = new Map(tokens.map((token, id) => [token, scores[id]!]))
  const lengths = new Set(tokens.map(({ length }) => length))
  return [...scoreOf]
    .sort(([, a], [, b]) => b - a)
    .flatMap(([token]) =>
      pairsOf(token, scoreOf, lengths).sort(
        ([a, b], [c, d]) => scoreOf.get(c)! - scoreOf.get(a)! || scoreOf.get(d)! - scoreOf.get(b)!,
      ),
    )
}

/** @param lengths which tokens there are of: of a token as long as a book, few cuts are worth a look. */
function pairsOf(token: string, known: ReadonlyMap<string, number>, lengths: ReadonlySet<number>): Merge[] {
  const pairs: Merge[] = []
  for (let at = 0; at < token.length; ) {
    at += token.codePointAt(at)! > 0xffff ? 2 : 1
    if (!lengths.has(at) || !lengths.has(token.length - at) || at === token.length) continue
    const [left, right] = [token.slice(0, at), token.slice(at)]
    if (known.has(left) && known.has(right)) pairs.push([left, right])
  }
  return pairs
}
