/** @file Nine real tokenizers against the Rust library: ids, tokens and offsets of thousands of lines in many scripts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer } from '@anush008/tokenizers'
import { beforeAll, describe, expect, test } from 'vitest'
import { dist } from './build.mjs'
import { prepareTokenizers, readTokenizer, tokenizerNames } from './tokenizers.mjs'
import { languages, prepareTexts } from './tokenizers-texts.mjs'

const { AutoTokenizer } = await import(join(dist, 'webformers.js'))
const lines = [...(await readLines()), ...randomLines(2000)]

describe.each(tokenizerNames)('%s', (name) => {
  let ours
  let rust

  beforeAll(async () => {
    const { [name]: folder } = await prepareTokenizers([name])
    ours = await AutoTokenizer.fromFiles(await readTokenizer(folder))
    rust = Tokenizer.fromFile(join(folder, 'tokenizer.json'))
  })

  test(`${lines.length} lines have the ids, tokens and offsets of the Rust library`, async () => {
    const different = []
    for (const line of lines) {
      const [found, expected] = [encode(ours, line), await encodeInRust(rust, line)]
      if (JSON.stringify(found) !== JSON.stringify(expected)) different.push({ line, found, expected })
    }
    expect(different.length, JSON.stringify(different.slice(0, 3), null, 1)).toBe(0)
  })
})

function encode(tokenizer, text) {
  const encoding = tokenizer(text, { returnOffsetsMapping: true })
  return { ids: encoding.input_ids, tokens: encoding.tokens(), offsets: encoding.offset_mapping }
}

async function encodeInRust(tokenizer, text) {
  const encoding = await tokenizer.encode(text)
  const units = unitsOf(text)
  const offsets = encoding.getOffsets().map(([start, end]) => [units[start], units[end]])
  return { ids: encoding.getIds(), tokens: encoding.getTokens(), offsets }
}

/** Where each code point begins in UTF-16, and where the last one ends. */
function unitsOf(text) {
  const units = [0]
  for (const character of text) units.push(units.at(-1) + character.length)
  return units
}

/** The hard cases the package's own fixtures are recorded from, and some lines of every corpus. */
async function readLines() {
  const fixture = new URL('../../packages/tokenizers/fixtures/lines.json', import.meta.url)
  const texts = await prepareTexts()
  const real = languages.flatMap((language) =>
    texts[language]
      .slice(0, 100)
      .join('\n')
      .split('\n')
      .filter((line, i, all) => all.indexOf(line) === i)
      .slice(0, 500),
  )
  const whole = languages.flatMap((language) => texts[language].slice(100, 110))
  return [...JSON.parse(await readFile(fixture, 'utf8')), ...real, ...whole]
}

/** Lines of 1 to 40 code points; each line draws from a few blocks of Unicode, and sometimes from all of it. */
function randomLines(count) {
  const random = randomNumbers(20_261_125)
  const below = (limit) => Math.floor(random() * limit)
  return Array.from({ length: count }, () => {
    const starts = Array.from({ length: 1 + below(3) }, () => below(below(4) ? 0x3200 : 0x110000))
    const character = () => {
      const start = below(8) ? starts[below(starts.length)] : 0x20
      return String.fromCodePoint(Math.min(0x10ffff, start + below(96)))
    }
    return Array.from({ length: 1 + below(40) }, character).join('')
  })
}

/** Numbers from 0 to 1, the same in each run (mulberry32). */
function randomNumbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
