/** @file For tests: a tokenizer.json of more than the page reads by itself. */
import type { TokenizerJson } from '../tokenizer'

/** So many that the file has more than 800 kB. */
const ADDED = 40_000

/** The same tokenizer with tokens more, which no text is made of: private use, and an unlikely number. */
export function enlarged(json: TokenizerJson): TokenizerJson {
  const { vocab } = json.model
  const tokens = Array.from({ length: ADDED }, (_, i) => `\u{10fffd} never ${i}`)
  if (Array.isArray(vocab)) {
    const pieces = [...vocab, ...tokens.map((token): [string, number] => [token, -10])]
    return { ...json, model: { ...json.model, vocab: pieces } as TokenizerJson['model'] }
  }
  const ids = [
    ...Object.values(vocab as Record<string, number>),
    ...(json.added_tokens ?? []).map(({ id }) => id),
  ]
  const first = Math.max(...ids) + 1
  const entries = tokens.map((token, i) => [token, first + i] as const)
  const larger = { ...(vocab as Record<string, number>), ...Object.fromEntries(entries) }
  return { ...json, model: { ...json.model, vocab: larger } as TokenizerJson['model'] }
}
