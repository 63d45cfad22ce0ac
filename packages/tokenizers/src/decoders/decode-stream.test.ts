import { describe, expect, test } from 'vitest'
import { readJson, tokenizerOf } from '../../reference/fixtures'
import type { TokenizerJson } from '..'
import { createDecoder } from '.'
import { cleanUpTokenization } from './clean-up'
import { DecodeStream } from './decode-stream'

/** Ids, whether special ones are skipped, each step's text, and the text of all; null where it is another than the steps'. */
type Case = [ids: number[], skipSpecialTokens: boolean, steps: (string | null)[], text: string | null]

const kinds = readJson<{ name: string; tokenizer: TokenizerJson; cases: Case[] }[]>('decode-streams.json')

describe.each(kinds)('$name', ({ tokenizer: json, cases }) => {
  const tokenizer = tokenizerOf({ 'tokenizer.json': json })

  test('gives what Python gives, id by id', () => {
    for (const [ids, skipSpecialTokens, steps, text] of cases) {
      const stream = tokenizer.decodeStream({ skipSpecialTokens })
      const given = ids.map((id) => stream.step(id) ?? null)
      expect(given.slice(0, steps.length)).toEqual(steps)
      const all = given.join('') + stream.flush()
      if (text !== null) expect(all).toBe(text)
      // No half of a character anywhere.
      for (const piece of given) expect(piece ?? '').not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/)
    }
  })

  test('a stream that was flushed begins anew', () => {
    const [ids, skipSpecialTokens] = cases.find(([, , , text]) => text !== null)!
    const stream = tokenizer.decodeStream({ skipSpecialTokens })
    const run = () => ids.map((id) => stream.step(id) ?? '').join('') + stream.flush()
    expect(run()).toBe(run())
  })
})

describe('clean-up', () => {
  /** A stream of a text's characters. */
  const spelled = (text: string) => {
    const stream = new DecodeStream(
      { join: (tokens) => tokens.join(''), tokenOf: (id) => String.fromCodePoint(id) },
      true,
    )
    return (
      [...text].map((character) => stream.step(character.codePointAt(0)!) ?? '').join('') + stream.flush()
    )
  }
  // Every string of six of these: what contractions are made of, and what they are not.
  const strings = (alphabet: string, length: number): string[] =>
    length === 0 ? [''] : strings(alphabet, length - 1).flatMap((text) => [...alphabet].map((c) => text + c))

  test.each([" 'nt.a", " 'ver", " 'sm,"])(
    'of a stream is that of the whole text, in strings of %j',
    (alphabet) => {
      const different = strings(alphabet, 6).filter((text) => spelled(text) !== cleanUpTokenization(text))
      expect(different).toEqual([])
    },
  )

  test('text is held back only as long as a contraction may follow', () => {
    const stream = new DecodeStream(
      { join: (tokens) => tokens.join(''), tokenOf: (id) => ['do', ' n', "'t", ' say', ' no', ' !'][id] },
      true,
    )
    expect([0, 1, 2, 3, 4, 5].map((id) => stream.step(id))).toEqual([
      'do',
      undefined,
      "n't",
      ' say',
      ' no',
      '!',
    ])
    expect(stream.flush()).toBe('')
  })
})

test.each([
  ['bytes that are no character', '<0xE2>', '<0xE2>'],
  ['a run of bytes with a broken one at its start', '<0xE2>', '<0x41>'],
])('%s take linear time', (_, first, others) => {
  let asked = 0
  const { tokenizer: json } = kinds.find(({ name }) => name === 'byte fallback')!
  const decode = createDecoder(json.decoder!)
  const stream = new DecodeStream(
    {
      join: (tokens) => {
        asked += tokens.length
        return decode(tokens).join('')
      },
      tokenOf: (id) => (id === 0 ? first : others),
    },
    false,
  )
  const length = 5000
  for (let i = 0; i < length; i++) expect(stream.step(i)).toBeUndefined()
  expect(stream.flush()).toBe('\ufffd'.repeat(length))
  expect(asked).toBeLessThan(20 * length)
})
