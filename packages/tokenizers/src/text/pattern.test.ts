import { describe, expect, test } from 'vitest'
import { digest, digests, readJson, regExpOf } from '../../reference/fixtures'
import { TokenizerError } from '../errors'
import { eachMatch, matchFinder } from './pattern'

/** A text with a marker for each match, and where it is cut. */
type Found = [marked: string, ends: number[]]

const recorded = readJson<{
  mixed: string
  constructs: [pattern: string, text: string, own: Found | null, mixed: Found | null][]
  impossible: string[]
  lines: number
  texts: string[]
  real: [name: string, pattern: string, digests: string][]
}>('patterns.json')

function find(pattern: string) {
  const expression = regExpOf(pattern)
  return (text: string): Found => {
    let marked = ''
    let from = 0
    const cuts = new Set([text.length])
    eachMatch(text, matchFinder(expression), (start, end) => {
      marked += `${text.slice(from, start)}\ue000`
      from = end
      cuts.add(start).add(end)
    })
    cuts.delete(0)
    return [marked + text.slice(from), [...cuts].sort((a, b) => a - b)]
  }
}

describe('Oniguruma finds', () => {
  const equal = recorded.constructs.filter(([, , own]) => own !== null)
  test.each(equal)('%s in %j', (pattern, text, own, mixed) => {
    expect([find(pattern)(text), find(pattern)(recorded.mixed)]).toEqual([own, mixed])
  })
})

describe('what Oniguruma refuses is an error', () => {
  const malformed = recorded.constructs.filter(([, , own]) => own === null)
  test.each(malformed)('%s', (pattern) => {
    expect(() => regExpOf(pattern)).toThrow(TokenizerError)
    expect(() => regExpOf(pattern)).toThrow(`The pattern ${JSON.stringify(pattern)} `)
  })
})

describe('what JavaScript has no equal for is an error', () => {
  test.each(recorded.impossible)('%s', (pattern) => {
    expect(() => regExpOf(pattern)).toThrow(TokenizerError)
  })
})

// The edge cases and the sentences come first. The Rust library knows no lone surrogates.
const lines = readJson<string[]>('lines.json')
  .slice(0, recorded.lines)
  .map((line) => line.replace(/\p{Cs}/gu, '\ufffd'))
const texts = [...lines, ...recorded.texts]

describe('the patterns of real tokenizers', () => {
  test.each(recorded.real)('%s', (_, pattern, joined) => {
    const all = texts.map(find(pattern))
    const different = digests(joined).flatMap((expected, i) =>
      digest(all.slice(i * 10, i * 10 + 10)) === expected ? [] : texts.slice(i * 10, i * 10 + 10),
    )
    expect(different).toEqual([])
  })
})

test.each(['GPT-2, Phi', 'Llama 3', 'Llama 4', 'o200k, gpt-oss'])(
  '%s: a run of millions of characters is cut, and what follows is found',
  (name) => {
    const [, pattern] = recorded.real.find(([other]) => other === name)!
    const [marked, ends] = find(pattern)(`${'漢'.repeat(5_000_000)} a`)
    expect(marked).toMatch(/^\ue000+$/)
    expect(ends.slice(-2)).toEqual([5_000_000, 5_000_002])
  },
)
