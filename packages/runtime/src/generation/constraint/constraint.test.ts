import { describe, expect, test } from 'vitest'
import { ResponseFormatError } from '../../errors'
import { randomOf } from '../../random'
import { generate } from '../generate'
import type { Decoder } from '../model'
import type { GenerationSettings } from '../settings'
import { settingsOf } from '../testing-settings'
import { matching } from './automata/determine'
import { matches } from './automata/dfa'
import { grammarOf } from './compile'
import type { ResponseFormat } from './format'
import { Machine } from './machine'
import { packBytes } from './vocabulary'

const encoder = new TextEncoder()
const accepts = (format: ResponseFormat, text: string): boolean => {
  const machine = new Machine(grammarOf(format))
  let state: ReturnType<Machine['step']> = machine.start
  for (const byte of encoder.encode(text)) state = state && machine.step(state, byte)
  return state?.complete === true
}
const schemaFormat = (schema: Record<string, unknown> | boolean): ResponseFormat => ({
  type: 'json_schema',
  schema,
})

describe('regular expressions', () => {
  const patterns = [
    'a|bc|',
    '(ab)*c?',
    '[a-c]{2,3}x{2}',
    '[^a-z\\d]+',
    '\\w\\s\\S.',
    '^a$|^b',
    '(?:a(?<name>b|c)){0,2}',
    'a??b+?',
    '[\\u{1f600}-\\u{1f610}]\\u00e9\\x41',
    '\\p{Lu}[^\\p{L}]',
    '[-a\\]^]+',
    '\\d{3}-\\d{4}|\\{\\}',
  ]
  const alphabet = [
    'a',
    'b',
    'c',
    'x',
    'z',
    'A',
    '0',
    '7',
    ' ',
    '-',
    ']',
    '^',
    '$',
    '{',
    '}',
    '\u00e9',
    '\u{1f600}',
    '\n',
    '\u00c4',
  ]

  test.each(patterns)('%s matches what JavaScript matches', (pattern) => {
    const truth = new RegExp(`^(?:${pattern})$`, 'u')
    const dfa = matching(pattern)
    const random = randomOf(pattern.length)
    const texts = Array.from({ length: 3000 }, () =>
      Array.from(
        { length: Math.floor(random() * 7) },
        () => alphabet[Math.floor(random() * alphabet.length)],
      ).join(''),
    )
    for (const text of [
      '',
      'abx',
      'aab',
      'abab',
      'ababc',
      '123-4567',
      '{}',
      '\u{1f600}\u00e9A',
      '\u00c4 ',
      ...texts,
    ])
      expect([text, matches(dfa, text)]).toEqual([text, truth.test(text)])
  })

  test('a text is matched as a whole, in UTF-8', () => {
    const format: ResponseFormat = { type: 'regex', pattern: '[\u00e0-\u00ff]{2}(\u{1f600}|\u65e5)+' }
    expect(accepts(format, '\u00e9\u00e8\u{1f600}\u65e5')).toBe(true)
    expect(accepts(format, '\u00e9\u00e8\u{1f601}')).toBe(false)
    expect(accepts(format, 'x\u00e9\u00e8\u{1f600}')).toBe(false)
  })
})

describe('grammars', () => {
  const arithmetic = `
    # sums, in brackets or not
    root ::= sum "\\n"?
    sum ::= term (("+" | "-") term)*
    term ::= [0-9]{1,3} | "(" sum ")"`
  test.each([
    [arithmetic, ['1', '1+23-(4+(5))', '12\n'], ['', '1+', '1234', '(1', '1)']],
    ['root ::= "a" root "b" | ""', ['', 'ab', 'aaabbb'], ['aab', 'ba']],
    ['root ::= item{2,3}\nitem ::= "x" | "(" item ")"', ['xx', 'x(x)((x))'], ['x', 'xxxx']],
    ['root ::= [^"\\n]+ "\\"" "\\u00e9"', ['abc"\u00e9'], ['"\u00e9', 'a"e']],
    ['root ::= (a | b)+\na ::= "a" b?\nb ::= "b"', ['ab', 'bba'], ['c', '']],
  ])('%s', (grammar, good, bad) => {
    for (const text of good) expect([text, accepts({ type: 'grammar', grammar }, text)]).toEqual([text, true])
    for (const text of bad) expect([text, accepts({ type: 'grammar', grammar }, text)]).toEqual([text, false])
  })
})

test.each<[ResponseFormat, RegExp]>([
  [{ type: 'regex', pattern: '(' }, /can't be read/],
  [{ type: 'regex', pattern: '(a)\\1' }, /back reference/],
  [{ type: 'regex', pattern: 'a(?=b)' }, /lookahead/],
  [{ type: 'regex', pattern: '\\bword' }, /word boundary/],
  [{ type: 'regex', pattern: 'a$b' }, /No text matches/],
  [{ type: 'grammar', grammar: 'start ::= "a"' }, /"root"/],
  [{ type: 'grammar', grammar: 'root ::= other' }, /"other", which is no rule/],
  [{ type: 'grammar', grammar: 'root ::= root "a" | "b"' }, /begins with itself/],
  [{ type: 'grammar', grammar: 'root ::= a\na ::= b?  a' }, /no rule|begins with itself/],
  [{ type: 'grammar', grammar: 'root ::= "a" root' }, /goes on for ever/],
  [{ type: 'grammar', grammar: 'root ::= "a' }, /line 1, column 10/],
  [{ type: 'grammar', grammar: 'root = "a"' }, /expected "::="/],
  [schemaFormat(false), /No value can meet/],
  [schemaFormat({ type: 'integer', minimum: 3, maximum: 2 }), /No value can meet/],
  [schemaFormat({ type: 'string', minLength: 2, maxLength: 1 }), /No value can meet/],
  [schemaFormat({ type: 'object', required: ['a'], properties: { a: { $ref: '#' } } }), /No value can meet/],
  [schemaFormat({ type: 'object', required: ['a'], additionalProperties: false }), /No value can meet/],
  [schemaFormat({ allOf: [{ type: 'string' }, { type: 'null' }] }), /No value can meet/],
  [
    schemaFormat({ type: 'array', items: { enum: [1, 2] }, uniqueItems: true, minItems: 3 }),
    /No value can meet/,
  ],
  [schemaFormat({ type: 'text' }), /expected one or several of null, boolean/],
  [schemaFormat({ minLength: -1 }), /minLength is -1, expected a whole number/],
  [schemaFormat({ pattern: '(' }), /can't be read/],
  [schemaFormat({ $ref: 'https://example.com/other.json' }), /not in it/],
  [schemaFormat({ $ref: '#' }), /refers to itself/],
  [schemaFormat({ type: 'string', contentEncoding: 'base64' }), /"contentEncoding", which can't be enforced/],
  [schemaFormat({ $dynamicRef: '#x' }), /"\$dynamicRef", which can't be enforced/],
  [schemaFormat({ type: 'string', minlength: 3 }), /"minlength", which can't be enforced/],
  [schemaFormat({ type: 'string', format: 'iri' }), /format is "iri", expected one of date/],
  [schemaFormat({ type: 'array', uniqueItems: true }), /uniqueItems can be enforced where/],
  [
    schemaFormat({ allOf: [{ required: ['a'] }], unevaluatedProperties: false }),
    /unevaluatedProperties beside allOf/,
  ],
  [schemaFormat({ type: 'number', multipleOf: 0.123456789 }), /multipleOf is 0.123456789/],
])('%j is refused', (format, message) => {
  const compile = () => new Machine(grammarOf(format))
  expect(compile).toThrow(ResponseFormatError)
  expect(compile).toThrow(message)
})

/** Letters and what JSON is made of; 0 ends, 1 pads, neither is a text. */
const LETTERS = ['', '', ...'abcdefgh{}[]":,0123456789 ', 'ab', '"a', '":', '{"', 'tr', 'ue', 'true']
const [EOS, PAD] = [0, 1]
const tokens = packBytes(LETTERS.map((letters) => encoder.encode(letters)))
const textOf = (row: Int32Array) => Array.from(row.subarray(1), (token) => LETTERS[token]).join('')

/** Says the same after the same tokens, whatever that is. */
class Parrot implements Decoder {
  readonly vocabulary = LETTERS.length + 3
  #rows: number[][] = []
  constructor(readonly seed = 1) {}

  async read(given: readonly Int32Array[], keep = 1): Promise<Float32Array> {
    if (this.#rows.length === 0) this.#rows = given.map(() => [])
    const scores = new Float32Array(given.length * keep * this.vocabulary)
    for (const [i, row] of given.entries()) {
      const all = this.#rows[i]!
      for (const [at, token] of row.entries()) {
        all.push(token)
        const kept = at - (row.length - keep)
        if (kept < 0) continue
        const random = randomOf(all.reduce((sum, each) => Math.imul(sum ^ each, 16777619), this.seed))
        const from = (i * keep + kept) * this.vocabulary
        for (let token = 0; token < this.vocabulary; token++) scores[from + token] = 3 * random()
      }
    }
    return scores
  }
  async reorder(rows: readonly number[]) {
    this.#rows = rows.map((row) => [...this.#rows[row]!])
  }
  crop(length: number) {
    for (const row of this.#rows) row.length = length
  }
}

const schema = {
  type: 'object',
  properties: { a: { enum: ['ab', 'cd', 'efg'] }, b: { type: 'integer', minimum: 0, maximum: 99 } },
  required: ['a'],
  additionalProperties: false,
}
const run = (
  changes: Partial<GenerationSettings>,
  {
    format = schemaFormat(schema),
    rows = 1,
    draft,
  }: { format?: ResponseFormat; rows?: number; draft?: Decoder } = {},
) =>
  generate(
    { decoder: new Parrot(), draft },
    {
      settings: settingsOf({ max_length: 60, eos_token_id: [EOS], pad_token_id: PAD, ...changes }),
      prompts: Array.from({ length: rows }, (_, row) => Int32Array.of(2 + row)),
      seed: 5,
      constraint: { format, tokenizer: 1, tokens },
    },
  )

/** What a sequence says, whole and ended. */
function whole(row: Int32Array): unknown {
  const end = row.indexOf(EOS)
  expect(end).toBeGreaterThan(0)
  return JSON.parse(textOf(row.subarray(0, end)))
}
const meets = (value: unknown) => expect(['ab', 'cd', 'efg']).toContain((value as { a: string }).a)

describe('every search keeps to a form', () => {
  test.each<[string, Partial<GenerationSettings>, number]>([
    ['greedy', {}, 3],
    ['sampling', { mode: 'sample', do_sample: true, num_return_sequences: 3, top_k: 2, temperature: 1.7 }, 2],
    ['top-p', { mode: 'sample', do_sample: true, top_p: 0.3, min_p: 0.2, repetition_penalty: 1.3 }, 2],
    ['beams', { mode: 'beam_search', num_beams: 3, num_return_sequences: 2 }, 2],
    ['beam sampling', { mode: 'beam_sample', num_beams: 3, do_sample: true }, 2],
    [
      'groups of beams',
      { mode: 'group_beam_search', num_beams: 4, num_beam_groups: 2, diversity_penalty: 0.5 },
      1,
    ],
    ['prompt lookup', { mode: 'assisted_generation', prompt_lookup_num_tokens: 3 }, 1],
  ])('%s', async (_, changes, rows) => {
    const { sequences } = await run(changes, { rows })
    expect(sequences.length).toBeGreaterThanOrEqual(rows)
    for (const row of sequences) meets(whole(row))
  })

  test('a draft guesses within the form; what comes out is what comes without it', async () => {
    const alone = await run({})
    const assisted = await run(
      { mode: 'assisted_generation', num_assistant_tokens: 4, assistant_confidence_threshold: 0 },
      { draft: new Parrot(1) },
    )
    const other = await run(
      { mode: 'assisted_generation', num_assistant_tokens: 4, assistant_confidence_threshold: 0 },
      { draft: new Parrot(9) },
    )
    expect(assisted.sequences).toEqual(alone.sequences)
    expect(other.sequences).toEqual(alone.sequences)
    meets(whole(alone.sequences[0]!))
  })
})

test('an end is possible exactly where a text is whole', async () => {
  const { sequences, scores } = await run(
    { output_scores: true },
    { format: { type: 'regex', pattern: 'a{2}(b{3})?' } },
  )
  const text = textOf(sequences[0]!)
  for (const [step, row] of scores!.entries()) {
    const so = text.slice(0, step)
    if (!text.startsWith(so)) continue
    const written = textOf(sequences[0]!.subarray(0, step + 1))
    expect(row[EOS]! > Number.NEGATIVE_INFINITY).toBe(/^a{2}(b{3})?$/.test(written))
    // Ids beyond the tokenizer's stand for nothing.
    expect(row.subarray(LETTERS.length)).toEqual(new Float32Array(3).fill(Number.NEGATIVE_INFINITY))
  }
  expect(text).toMatch(/^aa(bbb)?$/)
})

test('a token that is forced to come first is none of the text', async () => {
  const [first, ...text] = (
    await run({ forced_bos_token_id: PAD }, { format: { type: 'regex', pattern: 'ab|cd' } })
  ).sequences[0]!.subarray(1)
  expect(first).toBe(PAD)
  expect(textOf(Int32Array.of(0, ...text))).toMatch(/^(ab|cd)$/)
})

test('what has no more room is the beginning of what would have come', async () => {
  const cut = await run({ max_length: 4 })
  const all = await run({})
  expect(cut.sequences[0]!.length).toBe(4)
  expect(cut.sequences[0]).toEqual(all.sequences[0]!.subarray(0, 4))
})

test('what other options leave nothing of is told, with what there was', async () => {
  const failed = run({ min_new_tokens: 10 }, { format: { type: 'regex', pattern: 'abc' } })
  await expect(failed).rejects.toThrow(ResponseFormatError)
  const error = await failed.catch((reason) => reason)
  expect(textOf(error.sequences[0])).toBe('abc')
  await expect(run({}, { format: { type: 'regex', pattern: 'Z' } })).rejects.toThrow(
    /vocabulary has no tokens/,
  )
})
