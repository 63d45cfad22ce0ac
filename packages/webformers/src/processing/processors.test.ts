import { readFileSync } from 'node:fs'
import { openRepository } from '@webformers/hub'
import type { RawImage } from '@webformers/processors'
import { beforeAll, describe, expect, test } from 'vitest'
import recorded from '../../fixtures/processors.json'
import { OptionError } from '../errors'
import {
  AutoProcessor,
  type BatchFeature,
  CLIPProcessor,
  DonutProcessor,
  OwlViTProcessor,
  type Processor,
  type ProcessorInputs,
  type ProcessorOptions,
} from './index'

const tiny = (name: string, paths: readonly string[]) => {
  const folder = new URL(`../../fixtures/tiny/${name}/`, import.meta.url)
  return openRepository(
    Object.fromEntries(
      paths.map((path) => [path, new Blob([new Uint8Array(readFileSync(new URL(path, folder)))])]),
    ),
  )
}
const JSON_WORDS = ['config.json', 'preprocessor_config.json', 'tokenizer_config.json', 'tokenizer.json']
const AMONG = [...JSON_WORDS, 'processor_config.json', 'chat_template.jinja']
const sources: Record<string, readonly string[]> = {
  'blip-captions': JSON_WORDS,
  'clap-sounds': JSON_WORDS,
  'clip-pairs': JSON_WORDS,
  'donut-documents': JSON_WORDS,
  'idefics3-chat': AMONG,
  'owlvit-finder': JSON_WORDS,
  'sam-everything': ['config.json', 'preprocessor_config.json'],
  'siglip-pairs': JSON_WORDS,
  'smolvlm-chat': AMONG,
  'trocr-lines': JSON_WORDS,
  'wav2vec2-letters': ['config.json', 'preprocessor_config.json', 'tokenizer_config.json', 'vocab.json'],
  'whisper-writer': JSON_WORDS,
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

type Told = Record<string, { shape: number[]; every: number; values: number[] }>

/** Every tensor that Python gives, and no other. */
function expectTold(features: BatchFeature, told: unknown): void {
  const expected = told as Told
  expect(Object.keys(features).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, { shape, data }] of Object.entries(features)) {
    const { every, values, ...told } = expected[name]!
    expect([name, shape]).toEqual([name, told.shape])
    for (const [i, value] of values.entries())
      expect(Math.abs(Number(data[i * every]) - value), `${name} ${i * every}`).toBeLessThan(1e-3)
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

  const both = [picture(40, 30), picture(20, 50)]
  const cases: [keyof typeof recorded & string, string, ProcessorInputs, ProcessorOptions][] = [
    ['blip', 'blip-captions', { text: texts, images: both }, { padding: true }],
    ['blip texts', 'blip-captions', { text: texts }, { padding: true }],
    ['siglip', 'siglip-pairs', { text: texts, images: both[0] }, { padding: 'maxLength', maxLength: 64 }],
    ['trocr', 'trocr-lines', { text: 'a line', images: both[0] }, {}],
    ['trocr texts', 'trocr-lines', { text: texts }, { padding: true }],
    ['donut', 'donut-documents', { text: '<s_menu><s_nm>tea</s_nm></s_menu>', images: picture(40, 90) }, {}],
    ['donut with marks', 'donut-documents', { text: 'tea', images: both[0] }, { addSpecialTokens: true }],
    ['donut texts', 'donut-documents', { text: texts }, { padding: true }],
  ]
  test.each(cases)('%s as in Python', async (told, name, inputs, options) => {
    expectTold(await (await open(name))(inputs, options), recorded[told])
  })

  test('what Donut writes becomes JSON as in Python', async () => {
    const donut = await DonutProcessor.fromPretrained(await tiny('donut-documents', JSON_WORDS))
    for (const [text, value] of recorded.token2json)
      expect([text, donut.token2json(String(text))]).toEqual([text, value])
  })

  test('what OWL-ViT looks for as in Python, and what was found', async () => {
    const processor = await OwlViTProcessor.fromPretrained(
      await tiny('owlvit-finder', sources['owlvit-finder']!),
    )
    const images = [picture(40, 30), picture(20, 50)]
    const textLabels = [['a cat', 'service'], ['film']]
    expectTold(await processor({ text: textLabels, images }), recorded.owlvit)
    expectTold(await processor({ text: 'a cat', images: images[0]! }), recorded['owlvit, one text'])
    const queryImages = images.toReversed()
    expectTold(await processor({ images, queryImages }), recorded['owlvit, by images'])
    const floats = (shape: number[], values: number[]) =>
      ({ dtype: 'float32', shape, data: Float32Array.from(values) }) as const
    const outputs = {
      logits: floats([2, 1, 2], [0, 2, 1, -3]),
      pred_boxes: floats([2, 1, 4], [0.5, 0.5, 1, 1, 0.25, 0.5, 0.5, 1]),
    }
    const found = await processor.postProcessGroundedObjectDetection(outputs, { textLabels })
    expect(found.map(({ text_labels }) => text_labels)).toEqual([['service'], ['film']])
    await expect(
      processor.postProcessGroundedObjectDetection(outputs, { textLabels: [['a cat']] }),
    ).rejects.toThrow(/2 images, but 1 lists/)
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

describe.each(['smolvlm-chat', 'idefics3-chat'] as const)('images among words: %s', (name) => {
  let processor: Processor
  beforeAll(async () => {
    processor = await open(name)
  })
  /** Sizes as pictures of these. */
  const pictured = (value: unknown): unknown => {
    if (Array.isArray(value))
      return typeof value[0] === 'number' ? picture(value[0], value[1]) : value.map(pictured)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pictured(each)]))
  }
  const { texts, chats, 'images alone': alone } = recorded[name]

  test('texts as in Python', async () => {
    for (const { text, sizes, options, answer } of texts) {
      const images = sizes === null ? undefined : (pictured(sizes) as RawImage[])
      const imagesKwargs =
        'do_image_splitting' in options ? { doImageSplitting: options.do_image_splitting } : {}
      expectTold(await processor({ text, images }, { imagesKwargs, padding: true }), answer)
    }
    expectTold(await processor({ images: picture(40, 30) }), alone)
  })

  test('chats as in Python', async () => {
    for (const { given, options, text, answer } of chats) {
      const { padding } = { padding: undefined, ...options }
      const asked = {
        addGenerationPrompt: 'add_generation_prompt' in options,
        continueFinalMessage: 'continue_final_message' in options,
        padding,
      }
      const conversation = pictured(given) as object[]
      expect(await processor.applyChatTemplate(conversation, asked)).toEqual(text)
      const both = { ...asked, tokenize: true, returnDict: true } as const
      expectTold(await processor.applyChatTemplate(conversation, both), answer)
      const { input_ids } = await processor.applyChatTemplate(conversation, both)
      expect(await processor.applyChatTemplate(conversation, { ...asked, tokenize: true })).toEqual(input_ids)
    }
  })

  test('images without a place, places without an image, and lists of words are refused', async () => {
    const images = [picture(4, 4), picture(4, 4)]
    await expect(processor({ text: 'a <image>', images })).rejects.toThrow(/1 times <image>, but 2 images/)
    await expect(processor({ text: ['a <image>', 'b'] })).rejects.toThrow(/no images were given/)
    await expect(processor({ text: [['a', 'b']] })).rejects.toThrow(OptionError)
  })
})

describe('sound and texts', () => {
  test('CLAP as in Python', async () => {
    const processor = await open('clap-sounds')
    const inputs = { audio: sound(32000), text: ['a cat', 'a dog that barks'] }
    expectTold(await processor(inputs, { padding: true }), recorded.clap)
  })

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
