import { expectTypeOf, test } from 'vitest'
import {
  AutoImageProcessor,
  AutoProcessor,
  type BatchFeature,
  type ChatMessage,
  type Classification,
  type DetectedObject,
  DonutProcessor,
  type DonutValue,
  type EstimatedDepth,
  type GeneratedFromImages,
  type GeneratedMasks,
  type ImageSegment,
  loadImage,
  type Nested,
  pipeline,
  type Tensor,
} from '../index'

declare const file: File

test('an image has an answer, a list of images a list of them', async () => {
  const classify = await pipeline('image-classification', 'org/name')
  expectTypeOf(await classify(file, { topK: 3 })).toEqualTypeOf<Classification[]>()
  expectTypeOf(await classify([file, 'cat.jpg'])).toEqualTypeOf<Classification[][]>()
  // @ts-expect-error a number is no image
  await classify(3)
  const detect = await pipeline('object-detection', 'org/name', { threshold: 0.9 })
  expectTypeOf(await detect(new ImageData(1, 1))).toEqualTypeOf<DetectedObject[]>()
  const segment = await pipeline('image-segmentation')
  expectTypeOf(await segment(await loadImage(file), { subtask: 'semantic' })).toEqualTypeOf<ImageSegment[]>()
  const estimate = await pipeline('depth-estimation')
  expectTypeOf(await estimate(document.createElement('canvas'))).toEqualTypeOf<EstimatedDepth>()
  const mask = await pipeline('mask-generation')
  expectTypeOf(await mask(document.createElement('video'))).toEqualTypeOf<GeneratedMasks>()
})

test('features are lists, or tensors if asked for', async () => {
  const extract = await pipeline('image-feature-extraction', 'org/name')
  expectTypeOf(await extract(file)).toEqualTypeOf<Nested<number>>()
  expectTypeOf(await extract([file], { returnTensors: true })).toEqualTypeOf<Tensor<'float32'>[]>()
})

test('a processor takes what its file says otherwise, in camelCase', async () => {
  const processor = await AutoImageProcessor.fromPretrained('org/name', { config: { do_normalize: false } })
  const { pixel_values, pixel_mask } = await processor([file], {
    doCenterCrop: false,
    size: 384,
    resample: 'bicubic',
  })
  expectTypeOf(pixel_values.data).toEqualTypeOf<Float32Array>()
  expectTypeOf(pixel_mask?.dtype).toEqualTypeOf<'int32' | undefined>()
  // @ts-expect-error there is no such filter
  await processor(file, { resample: 'cubic' })
})

test('what is written about images is text, of a chat a chat', async () => {
  const write = await pipeline('image-text-to-text', 'org/name', { maxNewTokens: 8 })
  const chat = [{ role: 'user', content: [{ type: 'image', image: file }] }]
  expectTypeOf(await write(chat)).toEqualTypeOf<GeneratedFromImages<ChatMessage[]>[]>()
  expectTypeOf(await write(chat, { returnFullText: false })).toEqualTypeOf<GeneratedFromImages<string>[]>()
  expectTypeOf(await write({ images: file, text: '<image>' })).toEqualTypeOf<GeneratedFromImages<string>[]>()
  expectTypeOf(await write([{ images: file, text: '<image>' }])).toEqualTypeOf<
    GeneratedFromImages<string>[][]
  >()
  const several = { images: [file, [file, file]], text: ['<image>', '<image><image>'] }
  expectTypeOf(await write(several)).toEqualTypeOf<
    (GeneratedFromImages<string> | GeneratedFromImages<ChatMessage[]>)[][]
  >()
  expectTypeOf(write.stream(chat)).toEqualTypeOf<AsyncGenerator<string, void>>()
  const processor = await AutoProcessor.fromPretrained('org/name')
  expectTypeOf(await processor.applyChatTemplate(chat)).toEqualTypeOf<string>()
  expectTypeOf(await processor.applyChatTemplate([chat])).toEqualTypeOf<string[]>()
  const both = { tokenize: true, returnDict: true } as const
  expectTypeOf(await processor.applyChatTemplate(chat, both)).toEqualTypeOf<BatchFeature>()
  const donut = await DonutProcessor.fromPretrained('org/name')
  expectTypeOf(donut.token2json('')).toEqualTypeOf<DonutValue>()
})
