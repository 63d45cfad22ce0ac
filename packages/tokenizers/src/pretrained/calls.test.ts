import { beforeAll, describe, expect, test, vi } from 'vitest'
import { digest, digests, filesOf, NAMES, type Name, readJson, tokenizerOf } from '../../reference/fixtures'
import {
  type BatchEncoding,
  type CallOptions,
  type PreTrainedTokenizer,
  type TextInput,
  TokenizerError,
  type TokenLike,
} from '..'
import type { PadOptions } from './options'

type Values = Record<string, unknown>

interface Result {
  error?: true
  values: Values
  tokens: string[][]
  wordIds: (number | null)[][]
  sequenceIds: (number | null)[][]
}

const recorded = readJson<{
  calls: { text: TextInput; pair: TextInput | null; options: CallOptions }[]
  pads: { rows: Values[]; options: PadOptions[]; results: Values[]; one: Values }
  added: {
    tokens: TokenLike[]
    counts: number[]
    line: string
    values: Values
    wordTokens: string[]
    decoded: string
    cleaned: string
    properties: Properties
  }
}>('calls.json')

interface Properties {
  roles: Record<string, [token: string, id: number]>
  addedTokens: unknown[]
  [property: string]: unknown
}

/** What Python says of the tokenizer, asked of ours. */
function properties(tokenizer: PreTrainedTokenizer): Omit<Properties, 'addedTokens'> {
  const roles = {
    bos_token: [tokenizer.bosToken, tokenizer.bosTokenId],
    eos_token: [tokenizer.eosToken, tokenizer.eosTokenId],
    unk_token: [tokenizer.unkToken, tokenizer.unkTokenId],
    sep_token: [tokenizer.sepToken, tokenizer.sepTokenId],
    pad_token: [tokenizer.padToken, tokenizer.padTokenId],
    cls_token: [tokenizer.clsToken, tokenizer.clsTokenId],
    mask_token: [tokenizer.maskToken, tokenizer.maskTokenId],
  }
  const { allSpecialTokens, allSpecialIds, vocabSize, length, modelInputNames, modelMaxLength } = tokenizer
  return {
    roles: Object.fromEntries(
      Object.entries(roles).filter(([, [token]]) => token !== undefined),
    ) as Properties['roles'],
    allSpecialTokens,
    allSpecialIds,
    vocabSize,
    length,
    modelInputNames,
    modelMaxLength,
    addedTokens: tokenizer.addedTokens.map(([id, token]) => {
      const { content, single_word, lstrip, rstrip, normalized, special } = token
      return [id, content, single_word, lstrip, rstrip, normalized, special]
    }),
  }
}

const answersOf = (name: Name) =>
  readJson<{ properties: Properties; full?: Result[]; digests: string }>(`${name}/calls.json`)

test.each(NAMES)('%s has the properties it has in Python', (name) => {
  expect(properties(tokenizerOf(filesOf(name)))).toEqual(answersOf(name).properties)
})

describe.each(NAMES)('calls of %s', (name) => {
  const { full, digests: joined } = answersOf(name)
  const expected = digests(joined)
  let tokenizer: PreTrainedTokenizer
  beforeAll(() => {
    tokenizer = tokenizerOf(filesOf(name))
  })

  const answer = ({ text, pair, options }: (typeof recorded.calls)[number]): Result | { error: true } => {
    vi.spyOn(console, 'warn').mockReturnValue()
    let encoding: BatchEncoding
    try {
      encoding = tokenizer(text, pair ?? undefined, options)
    } catch (error) {
      expect(error).toBeInstanceOf(TokenizerError)
      return { error: true }
    }
    const ids = encoding.input_ids as number[] | number[][]
    const rows = Array.from({ length: Array.isArray(ids[0]) ? ids.length : 1 }, (_, row) => row)
    return {
      values: { ...encoding },
      tokens: rows.map((row) => encoding.tokens(row)),
      wordIds: rows.map((row) => encoding.wordIds(row)),
      sequenceIds: rows.map((row) => encoding.sequenceIds(row)),
    }
  }

  const cases = recorded.calls.map((call, i) => ({
    ...call,
    full: full?.[i],
    expected: expected[i],
    title: JSON.stringify([call.text, call.pair, call.options]).slice(0, 160),
  }))

  test.each(cases)('$title', ({ full, expected, ...call }) => {
    const actual = answer(call)
    if (full !== undefined) expect(actual).toEqual(full)
    // The order of the fields too.
    expect(digest(actual)).toBe(expected)
  })
})

describe('pad', () => {
  const tokenizer = tokenizerOf(filesOf('bert-uncased'))
  const { rows, options, results, one } = recorded.pads
  test.each(options.map((option, i) => ({ option, expected: results[i]! })))(
    '$option',
    ({ option, expected }) => {
      expect({ ...tokenizer.pad(rows, option) }).toEqual(expected)
    },
  )
  test('one encoding', () => {
    expect({ ...tokenizer.pad(rows[0]!, { padding: 'maxLength', maxLength: 12 }) }).toEqual(one)
  })
})

test('added tokens count and match as in Python', () => {
  const { tokens, counts, line, values, wordTokens, decoded, cleaned, properties: expected } = recorded.added
  const tokenizer = tokenizerOf(filesOf('roberta'))
  expect([
    tokenizer.addTokens(tokens),
    tokenizer.addTokens('<city>'),
    tokenizer.addTokens(['<city>', 'more']),
    tokenizer.addSpecialTokens({ additional_special_tokens: ['<new>'], pad_token: '<nothing>' }),
  ]).toEqual(counts)
  const encoding = tokenizer(line, { returnOffsetsMapping: true })
  expect({ ...encoding }).toEqual(values)
  expect(encoding.tokens()).toEqual(wordTokens)
  expect(tokenizer.decode(encoding.input_ids, { skipSpecialTokens: true })).toBe(decoded)
  expect(tokenizer.decode(encoding.input_ids, { cleanUpTokenizationSpaces: true })).toBe(cleaned)
  expect(properties(tokenizer)).toEqual(expected)
})
