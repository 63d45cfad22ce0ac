/** @file A tokenizer → its tokenizer.json, a few characters at a time. */
import type { AddedToken } from '../added-vocabulary'
import type { CompiledTokenizer } from '../tokenizer'
import { type JsonModel, json, modelJson, separated } from './model-json'

/** What a tokenizer.json says besides; it is nothing to us, but comes along. */
export type WholeTokenizer = CompiledTokenizer & { truncation?: unknown; padding?: unknown }

/** As the Rust library writes it, fields in its order, but without white space. */
export function* tokenizerJson(
  compiled: WholeTokenizer & { model: JsonModel },
  tokens: readonly [id: number, token: AddedToken][],
): Generator<string, void> {
  const { truncation, padding, normalizer, pre_tokenizer, post_processor, decoder, model } = compiled
  yield `{"version":"1.0","truncation":${json(truncation)},"padding":${json(padding)},"added_tokens":[`
  yield* separated(addedTokens(tokens))
  yield `],"normalizer":${json(normalizer)},"pre_tokenizer":${json(pre_tokenizer)},`
  yield `"post_processor":${json(post_processor)},"decoder":${json(decoder)},"model":`
  yield* modelJson(model)
  yield '}'
}

function* addedTokens(tokens: readonly [id: number, token: AddedToken][]): Generator<string, void> {
  for (const [id, { content, single_word, lstrip, rstrip, normalized, special }] of tokens)
    yield json({ id, content, single_word, lstrip, rstrip, normalized, special })
}
