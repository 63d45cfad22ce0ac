import { expect, test } from 'vitest'
import { filesOf, type Name, tokenizerOf } from '../../../tokenizers/reference/fixtures'
import { tokenBytes } from './token-texts'

const names: readonly Name[] = [
  'gpt2',
  'llama3',
  'qwen3',
  'gpt-oss',
  'roberta',
  'llama2',
  'tiny-llama',
  'gemma3',
  'unigram-bytes',
]
const texts = [
  'Paris is the capital of France.',
  '{"city": "Zürich", "days": [1, 2.5]}\n\t\t"a\\u00e9"',
  'naïve 日本語 Привет 🦀👩‍👩‍👧 \u00ff\u00fe ﬁ',
]

test.each(names)('%s: the bytes of a text’s tokens are the bytes of the text', async (name) => {
  const tokenizer = tokenizerOf(filesOf(name))
  const { tokens } = await tokenBytes(tokenizer)
  const bytesOf = (id: number) => [...tokens.bytes.subarray(tokens.ends[id - 1] ?? 0, tokens.ends[id])]
  for (const text of texts) {
    const ids = tokenizer.encode(text, { addSpecialTokens: false })
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const joined = decoder.decode(Uint8Array.from(ids.flatMap(bytesOf)))
    // What SentencePiece puts before a text is a space in the midst of one.
    expect(joined.replace(/^ /, '')).toBe(tokenizer.decode(ids, { cleanUpTokenizationSpaces: false }))
    // One normalizer makes one space of several.
    if (name !== 'unigram-bytes') expect(joined.replace(/^ /, '')).toBe(text)
  }
  for (const id of tokenizer.allSpecialIds) expect(bytesOf(id)).toEqual([])
  expect((await tokenBytes(tokenizer)).tokens).toBe(tokens)
})
