import { beforeAll, describe, expect, test } from 'vitest'
import { readJson } from '../../reference/fixtures'
import { AutoTokenizer, type PreTrainedTokenizer, type TokenizerConfig, TokenizerError } from '..'
import { basicTextNormalizer } from './basic-text'
import { englishTextNormalizer } from './english-text'
import { promptIds } from './prompt'
import { type AsrOutput, decodeAsr, type Transcript } from './transcript'

interface Fixture {
  normalized: { spellings: Record<string, string>; texts: [string, string, string, string, string][] }
  whisper: {
    vocab: Record<string, number>
    merges: string
    config: TokenizerConfig
    decoded: { ids: number[]; options: Record<string, boolean>; decoded: unknown }[]
    transcripts: {
      outputs: AsrOutput[]
      answers: { timestamps: boolean | 'word'; language: boolean; transcript: Transcript }[]
    }[]
    decoderPromptIds: [
      { language: string | null; task: 'transcribe' | 'translate' | null; noTimestamps: boolean },
      [number, number][],
    ][]
    promptIds: [string, number[]]
  }
  ctc: {
    name: string
    vocab: Record<string, number>
    options: TokenizerConfig
    ids: number[]
    decoded: [Record<string, boolean>, unknown][]
    texts: [string, number[]][]
  }[]
}

const { normalized, whisper, ctc } = readJson<Fixture>('speech.json')

/** `output_offsets` → `outputOffsets`. */
const camel = (options: Record<string, boolean>) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )

describe('texts are made comparable as in Python', () => {
  test.each(normalized.texts)('%s', (text, english, basic, plain, letters) => {
    expect(englishTextNormalizer(normalized.spellings)(text)).toBe(english)
    expect(basicTextNormalizer()(text)).toBe(basic)
    expect(basicTextNormalizer({ removeDiacritics: true })(text)).toBe(plain)
    expect(basicTextNormalizer({ splitLetters: true })(text)).toBe(letters)
  })
})

describe('Whisper', () => {
  let tokenizer: PreTrainedTokenizer
  const open = async () => {
    const special = whisper.config.additional_special_tokens as string[]
    const times = Array.from({ length: 1501 }, (_, i) => `<|${(i * 0.02).toFixed(2)}|>`)
    const size = Object.keys(whisper.vocab).length
    return AutoTokenizer.fromFiles({
      'vocab.json': whisper.vocab,
      'merges.txt': whisper.merges,
      'added_tokens.json': Object.fromEntries([...special, ...times].map((token, i) => [token, size + i])),
      'tokenizer_config.json': whisper.config,
    })
  }
  beforeAll(async () => {
    tokenizer = await open()
  })

  test.each(whisper.decoded)('decodes with $options', ({ ids, options, decoded }) => {
    expect(tokenizer.decode(ids, camel(options))).toEqual(decoded)
  })

  test('writes transcripts of pieces, with their times and languages', () => {
    for (const { outputs, answers } of whisper.transcripts)
      for (const { timestamps, language, transcript } of answers)
        expect(
          decodeAsr(tokenizer, outputs, { returnTimestamps: timestamps, returnLanguage: language }),
        ).toEqual(transcript)
  })

  test('knows what transcripts begin with', async () => {
    const fresh = await open()
    for (const [{ language, task, noTimestamps }, ids] of whisper.decoderPromptIds) {
      const given = { language: language ?? undefined, task: task ?? undefined, noTimestamps }
      expect(await fresh.getDecoderPromptIds(given)).toEqual(ids)
    }
  })

  test('makes prompts, and refuses special tokens in them', () => {
    const [text, ids] = whisper.promptIds
    expect(promptIds(tokenizer, text)).toEqual(ids)
    expect(() => promptIds(tokenizer, 'so <|en|> it is')).toThrow(TokenizerError)
  })
})

test("CTC: another of a tokenizer's languages", async () => {
  const { vocab, ids, decoded, texts } = ctc.find(({ name }) => name === 'languages')!
  const files = { 'vocab.json': vocab, 'tokenizer_config.json': { tokenizer_class: 'Wav2Vec2CTCTokenizer' } }
  const tokenizer = await AutoTokenizer.fromFiles(files, { targetLang: 'eng' })
  expect(tokenizer('äb').input_ids).not.toEqual(texts.find(([text]) => text === 'äb b')![1].slice(0, 2))
  await tokenizer.setTargetLang('deu')
  expect(texts.map(([text]) => [text, tokenizer(text).input_ids])).toEqual(texts)
  for (const [call, made] of decoded) expect(tokenizer.decode(ids, camel(call))).toEqual(made)
  await expect(tokenizer.setTargetLang('fra')).rejects.toThrow(/Choose one of eng, deu/)

  const saved = await tokenizer.toFiles()
  expect(JSON.parse(await saved['vocab.json']!.text())).toEqual(vocab)
  expect(JSON.parse(await saved['tokenizer_config.json']!.text()).target_lang).toBe('deu')
  expect(Object.keys(saved)).not.toContain('tokenizer.json')
  const [{ vocab: letters }] = ctc as [Fixture['ctc'][number]]
  const single = await AutoTokenizer.fromFiles({ ...files, 'vocab.json': letters })
  await expect(single.setTargetLang('deu')).rejects.toThrow(TokenizerError)
})

describe.each(ctc)('CTC: $name', ({ vocab, options, ids, decoded, texts }) => {
  const open = () =>
    AutoTokenizer.fromFiles({
      'vocab.json': vocab,
      'tokenizer_config.json': { tokenizer_class: 'Wav2Vec2CTCTokenizer', ...options },
    })

  test('decodes', async () => {
    const tokenizer = await open()
    for (const [call, made] of decoded) expect(tokenizer.decode(ids, camel(call))).toEqual(made)
  })

  test('encodes', async () => {
    const tokenizer = await open()
    expect(texts.map(([text]) => [text, tokenizer(text).input_ids])).toEqual(texts)
  })
})
