import { describe, expect, test, vi } from 'vitest'
import { filesOf, type Name, readJson, tokenizerOf } from '../../reference/fixtures'
import type { AddedToken } from '../added-vocabulary'
import { TokenizerError } from '../errors'
import type { TokenizerJson } from '../tokenizer'
import type { TrainingProgress } from '../trainers/options'
import type { TrainingTexts } from '../trainers/word-counts'
import type { TokenLike } from './special-tokens'
import { trainJson } from './train-new'

interface Retrained {
  name: Name
  vocabSize: number
  newSpecialTokens: TokenLike[]
  specialTokensMap: Record<string, string>
  added_tokens: (AddedToken & { id: number })[]
  post_processor: TokenizerJson['post_processor']
  model: Record<string, unknown>
  special_tokens_map: Record<string, string | string[]>
  length: number
  vocab_size: number
  /** The ids of nothing, and of a pair of nothings. */
  empty: [number[], number[]]
}

const corpus = readJson<string[]>('training/corpus.json')
const jsonOf = (name: Name) => filesOf(name)['tokenizer.json']!

describe('trained tokenizers have the special tokens that Python gives them', () => {
  test.each(readJson<Retrained[]>('training/tokenizers.json'))('$name', async (recorded) => {
    const { name, vocabSize, newSpecialTokens, specialTokensMap } = recorded
    const json = jsonOf(name)
    const tokenizer = await tokenizerOf(filesOf(name)).trainNewFromIterator([corpus], vocabSize, {
      newSpecialTokens,
      specialTokensMap,
    })
    expect(tokenizer.addedTokens.map(([id, token]) => ({ id, ...token }))).toEqual(recorded.added_tokens)
    const { bosToken, eosToken, unkToken, sepToken, padToken, clsToken, maskToken } = tokenizer
    const additional = tokenizer.additionalSpecialTokens
    expect({
      ...(bosToken && { bos_token: bosToken }),
      ...(eosToken && { eos_token: eosToken }),
      ...(unkToken && { unk_token: unkToken }),
      ...(sepToken && { sep_token: sepToken }),
      ...(padToken && { pad_token: padToken }),
      ...(clsToken && { cls_token: clsToken }),
      ...(maskToken && { mask_token: maskToken }),
      ...(additional.length > 0 && { additional_special_tokens: additional }),
    }).toEqual(recorded.special_tokens_map)
    expect(tokenizer.vocabSize).toBe(recorded.vocab_size)
    expect(tokenizer.length).toBe(recorded.length)
    expect([tokenizer('').input_ids, tokenizer('', '').input_ids]).toEqual(recorded.empty)

    const file = await trainJson(json, corpus, vocabSize, { newSpecialTokens, specialTokensMap })
    expect(file.post_processor).toEqual(recorded.post_processor)
    expect(file.model).toMatchObject(recorded.model)
  })
})

async function* slowly(texts: readonly string[]) {
  for (const text of texts) {
    await Promise.resolve()
    yield text
  }
}

test('texts come as a list, as batches, and over time', async () => {
  const json = jsonOf('bert-cased')
  const train = (texts: TrainingTexts) => trainJson(json, texts, 400)
  const expected = await train(corpus)
  expect(await train([corpus.slice(0, 50), ...corpus.slice(50)])).toEqual(expected)
  expect(await train(new Set(corpus.map((text) => [text])))).toEqual(expected)
  expect(await train(slowly(corpus))).toEqual(expected)
})

test('progress goes through the stages, each to its end', async () => {
  const seen: TrainingProgress[] = []
  await trainJson(jsonOf('roberta'), corpus, 500, { onProgress: (progress) => seen.push(progress) })
  const stages = [...new Set(seen.map(({ stage }) => stage))]
  expect(stages[0]).toBe('Pre-processing sequences')
  expect(stages.at(-1)).toBe('Compute merges')
  expect(seen.find(({ done }) => done === corpus.length)).toEqual({
    stage: 'Pre-processing sequences',
    done: corpus.length,
    total: corpus.length,
  })
  const { done, total } = seen.at(-1)!
  expect(done).toBe(total)
})

test('an abort ends it, even while no text comes', async () => {
  const controller = new AbortController()
  let returned = false
  const silent: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        returned = true
        return { done: true, value: undefined }
      },
    }),
  }
  const training = trainJson(jsonOf('roberta'), silent, 500, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(training).rejects.toThrow('enough')
  expect(returned).toBe(true)
  await expect(trainJson(jsonOf('roberta'), corpus, 500, { signal: controller.signal })).rejects.toThrow(
    'enough',
  )

  const later = new AbortController()
  const onProgress = () => later.abort(new Error('seen enough'))
  const many = Array.from({ length: 40 }, () => corpus)
  await expect(
    trainJson(jsonOf('roberta'), many, 3000, { signal: later.signal, onProgress }),
  ).rejects.toThrow('seen enough')
})

test('what Python ignores is ignored with a warning', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const json = jsonOf('bert-cased')
  const trained = await trainJson(json, corpus, 300, { maxTokenLength: 3, maxPieceLength: 3 })
  expect(warn.mock.calls.flat()).toEqual([
    'Training WordPiece knows no maxTokenLength; it is ignored.',
    'Training WordPiece knows no maxPieceLength; it is ignored.',
  ])
  warn.mockRestore()
  expect(trained).toEqual(await trainJson(json, corpus, 300))
})

describe('errors say what to do', () => {
  const json = jsonOf('camembert')
  test.each<[string, RegExp, () => Promise<unknown>]>([
    ['one text', /one text\. Put it in \[ ]/, () => trainJson(json, 'a text', 500)],
    ['no text', /Text 2 .* must be a string, but it is 7/, () => trainJson(json, ['a', 7 as never], 500)],
    ['no size', /vocabSize must be a whole number/, () => trainJson(json, ['a'], 1.5)],
    ['too small', /vocabSize is 20, but the texts have \d+ different/, () => trainJson(json, corpus, 20)],
    [
      'no shrinking',
      /shrinkingFactor is 1, but must be less than 1/,
      () => trainJson(json, corpus, 2000, { shrinkingFactor: 1 }),
    ],
    [
      'a token the post-processor needs',
      /post_processor uses the token "<\/s>", which the trained vocabulary lacks/,
      () => trainJson({ ...json, added_tokens: [] }, ['a'], 500),
    ],
    [
      'another model',
      /A model "Ngram" can't be trained\. Known: BPE, Unigram, WordLevel, WordPiece/,
      () => trainJson({ ...json, model: { type: 'Ngram' } as never }, ['a'], 500),
    ],
  ])('%s', async (_, message, run) => {
    await expect(run()).rejects.toThrow(TokenizerError)
    await expect(run()).rejects.toThrow(message)
  })
})
