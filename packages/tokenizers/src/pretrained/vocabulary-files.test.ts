import { describe, expect, test } from 'vitest'
import { filesOf, readJson, tokenizerOf } from '../../reference/fixtures'
import type { TokenizerConfig, TokenizerFiles } from '..'

const recorded =
  readJson<
    {
      config: TokenizerConfig
      front: string[]
      lines: string[]
      answers: Record<string, unknown>[]
      properties: Record<string, unknown>
    }[]
  >('vocabularies.json')

/** Bare vocabularies as the recorder wrote them. */
function bareFiles(config: TokenizerConfig, front: readonly string[]): TokenizerFiles {
  const modelOf = <Model>(name: 'bert-uncased' | 'roberta') =>
    (filesOf(name)['tokenizer.json'] as unknown as { model: Model }).model
  if (config.tokenizer_class!.startsWith('Roberta')) {
    const { vocab, merges } = modelOf<{ vocab: Record<string, number>; merges: string[][] }>('roberta')
    const lines = ['#version: 0.2', ...merges.map((pair) => pair.join(' ')), '']
    return { 'tokenizer_config.json': config, 'vocab.json': vocab, 'merges.txt': lines.join('\n') }
  }
  const { vocab } = modelOf<{ vocab: Record<string, number> }>('bert-uncased')
  const tokens = Object.entries(vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token)
  return { 'tokenizer_config.json': config, 'vocab.txt': [...front, ...tokens, ''].join('\n') }
}

describe.each(recorded.map((entry) => ({ ...entry, name: JSON.stringify(entry.config) })))(
  '$name without tokenizer.json',
  ({ config, front, lines, answers, properties }) => {
    const tokenizer = tokenizerOf(bareFiles(config, front))

    test('encodes as in Python', () => {
      expect(lines.map((line) => ({ ...tokenizer(line, 'pair') }))).toEqual(answers)
    })

    test('has the added tokens it has in Python', () => {
      const added = tokenizer.addedTokens.map(([id, token]) => {
        const { content, single_word, lstrip, rstrip, normalized, special } = token
        return [id, content, single_word, lstrip, rstrip, normalized, special]
      })
      expect(added).toEqual(properties.addedTokens)
      expect(tokenizer.allSpecialTokens).toEqual(properties.allSpecialTokens)
      expect(tokenizer.vocabSize).toBe(properties.vocabSize)
      expect(tokenizer.length).toBe(properties.length)
      expect(tokenizer.modelInputNames).toEqual(properties.modelInputNames)
    })
  },
)

test('a token that the class needs and vocab.txt lacks comes after the others, as in Python', () => {
  const tokenizer = tokenizerOf({
    'tokenizer_config.json': { tokenizer_class: 'BertTokenizer' },
    'vocab.txt': '[PAD]\n[CLS]\na\n[UNK]',
  })
  expect(tokenizer('a').input_ids).toEqual([1, 2, 4])
  expect(tokenizer.convertIdsToTokens(4)).toBe('[SEP]')
})
