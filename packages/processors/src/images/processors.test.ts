import { openRepository } from '@webformers/hub'
import { describe, expect, test, vi } from 'vitest'
import type { FeatureTensor } from '../tensor'
import { cat, crop, expectTensor, file, type RecordedTensor, recorded, resized } from '../testing/images'
import * as images from '.'
import type { Annotation, PanopticAnnotation } from './annotations'
import { AutoImageProcessor, type ImageProcessorClass } from './auto-image-processor'
import type { Resampling } from './filters'
import type { RawImage } from './pixels'

type Recorded = RecordedTensor | Record<string, RecordedTensor>[] | number[][]
interface Case {
  name: string
  files: Record<string, string>
  type: string
  saved: string
  calls: {
    pictures: string[] | string[][]
    options: Record<string, unknown>
    outputs: Record<string, Recorded>
  }[]
}
type Recipe = {
  crop?: [number, number, number, number]
  width?: number
  height?: number
  resample?: Resampling
  grey?: true
}
const { pictures, annotation, panoptic, cases, defaults } = recorded<{
  pictures: Record<string, Recipe>
  annotation: Annotation
  panoptic: PanopticAnnotation
  cases: Case[]
  defaults: Record<string, string>
}>('processors.json')

const sources: Record<string, RawImage> = {}
for (const [name, { crop: part, width, height, resample, grey: isGrey }] of Object.entries(pictures)) {
  if (part) sources[name] = crop(cat, part)
  else if (isGrey) sources[name] = grey(cat)
  else if (resample) sources[name] = await resized(cat, { width: width!, height: height!, resample })
  else sources[name] = cat
}

/** As Pillow's convert("L"). */
function grey({ width, height, data }: RawImage): RawImage {
  const value = (i: number) =>
    (data[3 * i]! * 19595 + data[3 * i + 1]! * 38470 + data[3 * i + 2]! * 7471 + 0x8000) >> 16
  return { width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, i) => value(i)) }
}

/** Labels from 0 to 5 in blobs, and a few 255, as the recorder makes them. */
function labelMap({ width, height }: RawImage): RawImage {
  const label = (x: number, y: number) =>
    (x + y) % 23 === 0 ? 255 : (Math.floor(x / 9) + Math.floor(y / 7)) % 6
  const data = Uint8Array.from({ length: width * height }, (_, i) => label(i % width, Math.floor(i / width)))
  return { width, height, channels: 1, data }
}

/** The segment of each pixel, as the recorder makes them. */
function segmentsMap({ width, height }: RawImage): RawImage {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    const id = Math.floor((i % width) / 40) * 300 + Math.floor(i / width / 50) * 70000 + 5
    data.set([id % 256, Math.floor(id / 256) % 256, Math.floor(id / 65536)], i * 3)
  }
  return { width, height, channels: 3, data }
}

const blobs = (files: Record<string, string | object>) =>
  Object.fromEntries(
    Object.entries(files).map(([path, json]) => [
      path,
      new Blob([typeof json === 'string' ? json : JSON.stringify(json)]),
    ]),
  )

const open = (files: Record<string, string | object>) => AutoImageProcessor.fromPretrained(blobs(files))

const mapsFor = (kind: unknown, pictures: readonly RawImage[]) =>
  kind ? { segmentationMaps: kind === 'palette' ? [file('labels.png')] : pictures.map(labelMap) } : {}

function annotationsFor(kind: unknown, pictures: readonly RawImage[]) {
  if (!kind) return {}
  if (kind !== 'panoptic') return { annotations: pictures.map(() => annotation) }
  const names = pictures.map((_, i) => `segments-${i}.png`)
  return {
    annotations: names.map((file_name) => ({ ...panoptic, file_name })),
    masksPath: Object.fromEntries(pictures.map((each, i) => [names[i]!, segmentsMap(each)])),
  }
}

describe.each(cases)('$name', ({ files, type, saved, calls }) => {
  test('is of the class that Python takes, and saved as Python saves it', async () => {
    const processor = await open(files)
    expect(processor.imageProcessorType).toBe(type)
    expect(await processor.toFiles()['preprocessor_config.json']!.text()).toBe(saved)
  })

  test.each(
    calls.map((each) => [JSON.stringify(each.pictures), JSON.stringify(each.options), each] as const),
  )('%s %s', async (_, __, { pictures, options, outputs }) => {
    const processor = await open(files)
    const given = pictures.map((each) =>
      typeof each === 'string' ? sources[each]! : each.map((name) => sources[name]!),
    )
    const { segmentationMaps, annotations, ...rest } = options
    const features = await processor(given as RawImage[], {
      ...rest,
      ...mapsFor(segmentationMaps, given as RawImage[]),
      ...annotationsFor(annotations, given as RawImage[]),
    })
    expect(Object.keys(features).sort()).toEqual(Object.keys(outputs).sort())
    for (const [name, expected] of Object.entries(outputs)) {
      const value = features[name as keyof typeof features]
      if (!Array.isArray(expected)) expectTensor(value as FeatureTensor, expected, name)
      else if (Array.isArray(expected[0])) expect(value).toEqual(expected)
      else {
        for (const [i, labels] of (expected as Record<string, RecordedTensor>[]).entries()) {
          const own = (value as unknown as Record<string, FeatureTensor>[])[i]!
          expect(Object.keys(own).sort()).toEqual(Object.keys(labels).sort())
          for (const [key, tensor] of Object.entries(labels))
            expectTensor(own[key]!, tensor, `${name}.${key}`)
        }
      }
    }
  })
})

test.each(Object.entries(defaults))("%s has Python's defaults", async (name, saved) => {
  const processor = await (images as unknown as Record<string, ImageProcessorClass>)[name]!.fromConfig()
  expect(await processor.toFiles()['preprocessor_config.json']!.text()).toBe(saved)
})

test('what a configuration is changed to is saved; floats stay floats', async () => {
  const text = '{"image_processor_type": "ViTImageProcessor", "image_std": [1.0, 1.0, 1.0], "size": 32}'
  const repository = { 'preprocessor_config.json': new Blob([text]) }
  const config = { do_resize: false }
  const processor = await AutoImageProcessor.fromPretrained(repository, { config })
  const written = await processor.toFiles()['preprocessor_config.json']!.text()
  expect(written).toContain('"image_std": [\n    1.0,\n    1.0,\n    1.0\n  ]')
  expect(written).toContain('"do_resize": false')
})

test('a processor that lies in processor_config.json is found', async () => {
  const json = {
    image_processor: { image_processor_type: 'CLIPImageProcessorFast', size: { shortest_edge: 32 } },
  }
  const processor = await open({ 'processor_config.json': json })
  expect(processor.imageProcessorType).toBe('CLIPImageProcessor')
  expect(processor.config.size).toEqual({ shortest_edge: 32 })
})

describe('what makes no sense is told', () => {
  const vit = (config = {}) => images.ViTImageProcessor.fromConfig(config)
  const cases: [what: string, () => Promise<unknown>, message: string][] = [
    [
      'an unknown class',
      () => open({ 'preprocessor_config.json': { image_processor_type: 'PvtImageProcessor' } }),
      'PvtImageProcessor',
    ],
    [
      'an unknown model_type',
      () => open({ 'preprocessor_config.json': {}, 'config.json': { model_type: 'bert' } }),
      '"bert"',
    ],
    ['a size with odd keys', () => vit({ size: { height: 3, shortest_edge: 4 } }), 'height,shortest_edge'],
    ['a filter that is none', () => vit({ resample: 9 }), '9'],
    [
      'a size that does not serve',
      async () => (await vit({ size: { shortest_edge: 4 } }))(cat),
      '"height" and "width"',
    ],
    ['a mean of two', async () => (await vit())(cat, { imageMean: [0.5, 0.5] }), 'image_mean'],
    ['no image', async () => (await vit())([]), 'no image'],
    [
      'images of several sizes',
      async () => (await vit())([cat, sources.tall!], { doResize: false }),
      '120 × 160 and 120 × 77',
    ],
    [
      'boxes that are none',
      async () => (await images.VitPoseImageProcessor.fromConfig())(cat, { boxes: [[[1, 2, 3]]] as never }),
      'left, top, width and height',
    ],
    ['no boxes', async () => (await images.VitPoseImageProcessor.fromConfig())(cat), 'list of boxes'],
    [
      'boxes for more images',
      async () => (await images.VitPoseImageProcessor.fromConfig())(cat, { boxes: [[], [[1, 2, 3, 4]]] }),
      '1 images, but boxes for 2',
    ],
    ['boxes for none', async () => (await vit())(cat, { boxes: [[[1, 2, 3, 4]]] }), 'boxes'],
    ['annotations', async () => (await vit())(cat, { annotations: annotation }), 'annotations'],
    [
      'another verb',
      async () =>
        (await vit()).postProcessDepthEstimation({
          predicted_depth: { dtype: 'float32', shape: [], data: new Float32Array() },
        }),
      'postProcessDepthEstimation',
    ],
  ]

  test.each(cases)('%s', async (_, act, message) => {
    await expect(act()).rejects.toThrow(images.ImageProcessorError)
    await expect(act()).rejects.toThrow(message)
  })

  test('bytes that are too few', async () => {
    const processor = await vit()
    const image = { width: 10, height: 10, channels: 3, data: new Uint8Array(299) } as const
    await expect(processor(image)).rejects.toThrow(images.ImageDecodeError)
    await expect(processor({ ...image, width: 0 })).rejects.toThrow('nothing to read')
  })
})

test('a signal stops a call', async () => {
  const processor = await images.ViTImageProcessor.fromConfig({ size: { height: 3000, width: 3000 } })
  const controller = new AbortController()
  const running = processor(cat, { signal: controller.signal })
  controller.abort()
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
})

test('a configuration is saved where files go', async () => {
  const repository = await openRepository(
    blobs({ 'preprocessor_config.json': { image_processor_type: 'ViTImageProcessor' } }),
  )
  const warn = vi.spyOn(console, 'warn')
  const processor = await AutoImageProcessor.fromPretrained(repository)
  expect(Object.keys(processor.toFiles())).toEqual(['preprocessor_config.json'])
  expect(warn).not.toHaveBeenCalled()
})
