/** @file The tokenizers that `save.py` has saved, for it and for the test: recorded ones, changed as a page would. */
import { readFileSync } from 'node:fs'
import type {
  PreTrainedTokenizer,
  SpecialTokenFields,
  TokenizerConfig,
  TokenizerFiles,
  TokenLike,
} from '../src'
import { digest, filesOf, type Name, readJson, tokenizerOf } from './fixtures'

export interface SavedCase {
  name: string
  /** A recorded tokenizer, */
  fixture?: Name
  /** or a bare vocabulary: files of `fixtures/converters` by the name they go under. */
  vocabulary?: Record<string, string>
  config?: TokenizerConfig
  changes: Change[]
}

interface Change {
  addTokens?: TokenLike[]
  addSpecialTokens?: SpecialTokenFields
  set?: Record<string, unknown>
  train?: { vocabSize: number; newSpecialTokens: TokenLike[] }
}

export async function tokenizerOfCase(wanted: SavedCase): Promise<PreTrainedTokenizer> {
  let tokenizer = tokenizerOf(filesOfCase(wanted))
  for (const { addTokens, addSpecialTokens, set = {}, train } of wanted.changes) {
    if (addTokens) tokenizer.addTokens(addTokens)
    if (addSpecialTokens) tokenizer.addSpecialTokens(addSpecialTokens)
    for (const [name, value] of Object.entries(set))
      Reflect.set(tokenizer, name, value ?? undefined, tokenizer)
    if (train) {
      const { vocabSize, ...options } = train
      tokenizer = await tokenizer.trainNewFromIterator(
        readJson<string[]>('training/corpus.json'),
        vocabSize,
        options,
      )
    }
  }
  return tokenizer
}

function filesOfCase({ fixture, vocabulary = {}, config = {} }: SavedCase): TokenizerFiles {
  if (fixture) {
    const files = filesOf(fixture)
    return { ...files, 'tokenizer_config.json': { ...files['tokenizer_config.json'], ...config } }
  }
  const files = Object.entries(vocabulary).map(([name, source]) => {
    const bytes = readFileSync(new URL(`../fixtures/converters/${source}`, import.meta.url))
    if (name.endsWith('.model')) return [name, new Uint8Array(bytes)]
    return [name, name.endsWith('.json') ? JSON.parse(bytes.toString()) : bytes.toString()]
  })
  return { ...Object.fromEntries(files), 'tokenizer_config.json': config }
}

/** For each line a digest of its ids, offsets and what they decode to. */
export const answersOf = (tokenizer: PreTrainedTokenizer, lines: readonly string[]): string =>
  lines
    .map((line) => {
      const { input_ids, offset_mapping } = tokenizer(line, { returnOffsetsMapping: true })
      const ids = input_ids as number[]
      const texts = [tokenizer.decode(ids), tokenizer.decode(ids, { skipSpecialTokens: true })]
      return digest([ids, offset_mapping, ...texts])
    })
    .join('')

/** What else it is, under Python's names. */
export const propertiesOf = (tokenizer: PreTrainedTokenizer) => ({
  roles: [
    [tokenizer.bosToken, tokenizer.bosTokenId],
    [tokenizer.eosToken, tokenizer.eosTokenId],
    [tokenizer.unkToken, tokenizer.unkTokenId],
    [tokenizer.sepToken, tokenizer.sepTokenId],
    [tokenizer.padToken, tokenizer.padTokenId],
    [tokenizer.clsToken, tokenizer.clsTokenId],
    [tokenizer.maskToken, tokenizer.maskTokenId],
  ].map(([token, id]) => [token ?? null, id ?? null]),
  additional_special_tokens: tokenizer.additionalSpecialTokens,
  all_special_ids: tokenizer.allSpecialIds,
  added_tokens: digest(
    tokenizer.addedTokens.map(([id, token]) => {
      const { content, single_word, lstrip, rstrip, normalized, special } = token
      return [id, content, single_word, lstrip, rstrip, normalized, special]
    }),
  ),
  vocab_size: tokenizer.vocabSize,
  length: tokenizer.length,
  model_max_length: tokenizer.modelMaxLength,
  model_input_names: tokenizer.modelInputNames,
  padding_side: tokenizer.paddingSide,
  truncation_side: tokenizer.truncationSide,
  chat_template: tokenizer.chatTemplate ?? null,
})
