import { readFileSync } from 'node:fs'
import { openRepository } from '@webformers/hub'
import type { RawImage } from '@webformers/processors'
import { describe, expect, test } from 'vitest'
import recorded from '../../fixtures/processors.json'
import { OptionError } from '../errors'
import { AutoProcessor, type BatchFeature, CLIPProcessor } from './index'

const tiny = (name: string, paths: readonly string[]) => {
  const folder = new URL(`../../fixtures/tiny/${name}/`, import.meta.url)
  return openRepository(
    Object.fromEntries(
      paths.map((path) => [path, new Blob([new Uint8Array(readFileSync(new URL(path, folder)))])]),
    ),
  )
}
const WORDS = ['config.json', 'preprocessor_config.json', 'tokenizer_config.json']
const sources: Record<string, readonly string[]> = {
  'clip-pairs': [...WORDS, 'tokenizer.json'],
  'sam-everything': ['config.json', 'preprocessor_config.json'],
  'whisper-writer': [...WORDS, 'tokenizer.json'],
  'wav2vec2-letters': [...WORDS, 'vocab.json'],
}
const open = async (name: string) => AutoProcessor.fromPretrained(await tiny(name, sources[name]!))

function picture(width: number, height: number): RawImage {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => (7 * i + Math.floor((i * i) / 13)) % 256,
  )
  return { width, height, channels: 3, data }
}
const sound = (length: number) => Float32Array.from({ length }, (_, i) => (((i * 37) % 101) - 50) / 100)

type Told = Record<string, { shape: number[]; values: number[] }>

/** Every tensor that Python gives, and no other. */
function expectTold(features: BatchFeature, told: unknown): void {
  const expected = told as Told
  expect(Object.keys(features).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, { shape, data }] of Object.entries(features)) {
    expect([name, shape]).toEqual([name, expected[name]!.shape])
    for (const [i, value] of expected[name]!.values.entries())
      expect(Math.abs(Number(data[i]) - value), `${name} ${i}`).toBeLessThan(1e-3)
  }
}

test.each(Object.entries(recorded.classes))(
  '%s has a %s',
  async (name, kind) => {
    expect((await open(name)).processorClass).toBe(kind)
  },
  30_000,
) // the first one fetches all the code

describe('images and texts', () => {
  const texts = ['a cat', 'a dog that barks']

  test('CLIP as in Python', async () => {
    const processor = await open('clip-pairs')
    expectTold(await processor({ text: texts, images: picture(40, 30) }, { padding: true }), recorded.clip)
    expectTold(await processor({ text: texts }, { padding: true }), recorded['clip texts'])
    expect(processor.decode(processor.tokenizer('a cat').input_ids, { skipSpecialTokens: true })).toBe(
      'a cat',
    )
  })

  test("SAM's points and boxes as in Python", async () => {
    const processor = await open('sam-everything')
    for (const { given, answer } of recorded.sam)
      expectTold(await processor({ images: picture(40, 30), ...given }), answer)
    const several = {
      images: [picture(40, 30), picture(20, 50)],
      inputPoints: [
        [
          [20, 10],
          [5, 30],
        ],
        [[4, 4]],
      ],
      inputLabels: [[1, 0], [1]],
    }
    expectTold(await processor(several), recorded['sam padded'])
  })
})

describe('sound and texts', () => {
  test('Whisper as in Python', async () => {
    const processor = await open('whisper-writer')
    expectTold(await processor({ audio: sound(16000), text: 'Ask not' }), recorded.whisper)
  })

  test('Wav2Vec2 as in Python', async () => {
    const processor = await open('wav2vec2-letters')
    const inputs = { audio: [sound(900), sound(700)], text: ['HELLO', 'A B'] }
    expectTold(await processor(inputs, { padding: true }), recorded.wav2vec2)
  })

  test('what a class takes none of, or nothing, is refused', async () => {
    const processor = await open('whisper-writer')
    await expect(processor({ images: picture(4, 4) })).rejects.toThrow(OptionError)
    await expect(processor({})).rejects.toThrow(/WhisperProcessor takes text and audio/)
  })
})

test('a class that is asked for by name, and a repository that names none', async () => {
  const clip = await CLIPProcessor.fromPretrained(await tiny('clip-pairs', sources['clip-pairs']!))
  expect(clip.processorClass).toBe('CLIPProcessor')
  const bert = openRepository({ 'config.json': new Blob(['{ "model_type": "bert" }']) })
  await expect(AutoProcessor.fromPretrained(await bert)).rejects.toThrow(OptionError)
})
