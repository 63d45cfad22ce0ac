import { type ImageInput, loadImage, type RawImage } from '@webformers/processors'
import { expect, test } from 'vitest'
import photograph from '../../../processors/fixtures/images/cat.rgb?url'
import recording from '../../fixtures/images.json'
import { OptionError } from '../errors'
import { fixtures } from '../testing/browser'
import { hubOf } from '../testing/hub'
import { pipeline, type Task } from './index'

type Part = [left: number, top: number, right: number, bottom: number]
interface Case {
  task: Task
  model: string
  input: Part | Part[]
  /** What to look for on each image, where they say it themselves. */
  labels?: string[][]
  options: object
  answer: unknown
}
const cases = recording.cases as unknown as Case[]
const models = [...new Set(cases.map(({ task, model }) => `${task} ${model}`))].map((both) => {
  const asked = cases.filter(({ task, model }) => `${task} ${model}` === both)
  return [asked[0]!.task, asked[0]!.model, asked] as const
})

const hub = { fetch: hubOf(fixtures), cache: false }
const bytes = new Uint8Array(await (await fetch(photograph)).arrayBuffer())
const cat: RawImage = { width: 160, height: 120, channels: 3, data: bytes }

function part([left, top, right, bottom]: Part): RawImage {
  const [width, height] = [right - left, bottom - top]
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * cat.width + left) * 3
    data.set(bytes.subarray(start, start + width * 3), y * width * 3)
  }
  return { width, height, channels: 3, data }
}

/** Masks and maps as the recorder describes them. */
function described(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(described)
  if (typeof value !== 'object' || value === null) return value
  if (!('data' in value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, described(each)]))
  const { data, ...rest } = value as RawImage & { shape?: number[] }
  const shape = rest.shape ?? [rest.height, rest.width]
  if ('channels' in rest && data.every((byte) => byte === 0 || byte === 255)) {
    const inside = Array.from(data.keys()).filter((i) => data[i] === 255)
    return { shape, inside: inside.length, sum: inside.reduce((sum, i) => sum + i, 0) }
  }
  const step = Math.floor(data.length / 50)
  return { shape, samples: Array.from({ length: Math.ceil(data.length / step) }, (_, i) => data[i * step]) }
}

/** Words equal, numbers within 1e-4 of the largest beside them; pixels at the edge of a mask may be on its other side. */
function expectClose(answer: unknown, expected: unknown, path = 'answer', scale = 1): void {
  if (typeof expected === 'number') {
    const apart = Math.abs(Number(answer) - expected)
    const most = /inside$|sum$/.test(path) ? 2e-3 * expected : 1e-4 * Math.max(scale, Math.abs(expected))
    expect(apart, `${path}: ${answer} instead of ${expected}`).toBeLessThanOrEqual(most)
  } else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(answer as object).sort(), path).toEqual(Object.keys(expected).sort())
    const numbers = Array.isArray(expected)
      ? expected.filter((each) => typeof each === 'number').map(Math.abs)
      : []
    for (const [key, each] of Object.entries(expected)) {
      expectClose((answer as Record<string, unknown>)[key], each, `${path}.${key}`, Math.max(1, ...numbers))
    }
  } else expect(answer, path).toBe(expected)
}

test.each(models)('%s by %s answers as in Python', async (task, model, asked) => {
  await using run = await pipeline(task, model, { ...hub, device: 'wasm' })
  for (const { input, labels, options, answer } of asked) {
    const several = Array.isArray(input[0])
    const parts = several ? (input as Part[]).map(part) : part(input as Part)
    const images = labels
      ? labels.map((candidateLabels, i) => ({ image: (parts as RawImage[])[i]!, candidateLabels }))
      : parts
    expectClose(described(await run(images as never, options as never)), answer)
  }
})

test('images with as many labels as each has, in one batch; labels are needed', async () => {
  const { input, labels, options, answer } = cases.find(({ labels }) => labels)!
  const inputs = labels!.map((candidateLabels, i) => ({
    image: part((input as Part[])[i]!),
    candidateLabels,
  }))
  await using detect = await pipeline('zero-shot-object-detection', 'tiny/owlvit-finder', {
    ...hub,
    device: 'wasm',
  })
  expectClose(await detect(inputs, { ...options, batchSize: 3 }), answer)
  await expect(detect(cat)).rejects.toThrow(OptionError)
})

/** A file with these pixels. */
function pngOf({ width, height, data }: RawImage): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')!
  const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : data[Math.floor(i / 4) * 3 + (i % 4)]!,
  )
  context.putImageData(new ImageData(rgba, width, height), 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}

test('an image comes as a file, by its address, from the page, or loaded before; alone, or in a stream', async () => {
  await using classify = await pipeline('image-classification', 'tiny/vit-things', { ...hub, device: 'wasm' })
  const expected = await classify(cat)
  const file = await pngOf(cat)
  const url = URL.createObjectURL(file)
  const shown = new Image()
  shown.src = url
  await shown.decode()
  using loaded = await loadImage(file)
  const inputs: ImageInput[] = [file, url, shown, loaded]
  for (const input of inputs) expect(await classify(input)).toEqual(expected)
  expect(await classify(inputs)).toEqual(inputs.map(() => expected))
  async function* stream() {
    yield* inputs
  }
  for await (const answer of classify(stream())) expect(answer).toEqual(expected)
})
