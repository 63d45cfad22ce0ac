/** @file Tasks that write about images, and those that compare them with texts: what they answer in Python. */
import type { RawImage } from '@webformers/processors'
import { InputError } from '@webformers/runtime'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import photograph from '../../../processors/fixtures/images/cat.rgb?url'
import recording from '../../fixtures/captioning.json'
import { OptionError } from '../errors'
import { AutoProcessor } from '../processing'
import { fixtures } from '../testing/browser'
import { hubOf } from '../testing/hub'
import { type Chat, type Pipeline, pipeline, type Task } from './index'

interface Case {
  task: Task
  model: string
  input: unknown
  options: { generateKwargs?: object }
  answer: unknown
}
const cases = recording.cases as Case[]
const hub = { fetch: hubOf(fixtures), cache: false }

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {}) // lengths that mean nothing are warned of, as in Python
})

const opened = new Map<string, Promise<Pipeline>>()

/** Each pipeline once. */
function open<T extends Task>(
  task: T,
  model: string,
  device: 'wasm' | 'webgpu' = 'wasm',
): Promise<Pipeline<T>> {
  const key = [task, model, device].join(' ')
  const loading =
    opened.get(key) ?? (pipeline(task, model, { ...hub, device }) as unknown as Promise<Pipeline>)
  opened.set(key, loading)
  return loading as unknown as Promise<Pipeline<T>>
}
afterAll(async () => {
  for (const loading of opened.values()) await (await loading).dispose()
})

const bytes = new Uint8Array(await (await fetch(photograph)).arrayBuffer())

function part([left, top, right, bottom]: readonly [number, number, number, number]): RawImage {
  const [width, height] = [right - left, bottom - top]
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * 160 + left) * 3
    data.set(bytes.subarray(start, start + width * 3), y * width * 3)
  }
  return { width, height, channels: 3, data }
}

/** With images in the place of parts. */
function pictured(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pictured)
  if (typeof value !== 'object' || value === null) return value
  if ('part' in value) return part(value.part as [number, number, number, number])
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pictured(each)]))
}

/** The opposite, as the recorder describes images; numbers may differ in their last digits. */
function described(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(described)
  if (typeof value !== 'object' || value === null) return value
  if ('channels' in value) return { size: [(value as RawImage).width, (value as RawImage).height] }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, described(each)]))
}
function near(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : expect.closeTo(value, 4)
  if (Array.isArray(value)) return value.map(near)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, near(each)]))
}

type Run = (input: unknown, options: object) => Promise<unknown>

/** Of most tasks the options of `generate()` stand among the others only. */
const optionsOf = ({ task, options: { generateKwargs, ...options } }: Case) =>
  task === 'image-text-to-text' ? { generateKwargs, ...options } : { ...options, ...generateKwargs }

const named = cases.map((each, i) => {
  const asked = `${JSON.stringify(each.input).slice(0, 90)} ${JSON.stringify(each.options)}`
  return [i, each.task, each.model, asked, each] as const
})
test.each(named)('%i: %s by %s of %s answers as in Python', async (_, task, model, __, known) => {
  const run = (await open(task, model)) as unknown as Run
  expect(described(await run(pictured(known.input), optionsOf(known)))).toEqual(near(known.answer))
})

// A software adapter takes long to compile shaders.
test('webgpu', { timeout: 180_000 }, async () => {
  const [known] = cases as [Case]
  const run = await open(known.task, known.model, 'webgpu')
  expect(run.model.device).toBe('webgpu')
  expect(described(await (run as unknown as Run)(pictured(known.input), optionsOf(known)))).toEqual(
    known.answer,
  )
})

const [whole, stripe] = [part([0, 0, 160, 120]), part([0, 40, 160, 70])]
const about = (...images: RawImage[]): Chat => [
  {
    role: 'user',
    content: [...images.map((image) => ({ type: 'image', image })), { type: 'text', text: 'What is this?' }],
  },
]
const few = { maxNewTokens: 8 }

describe('image-text-to-text', () => {
  const writes = () => open('image-text-to-text', 'tiny/smolvlm-chat')

  test('texts with none, one and two images are answered together as each by itself', async () => {
    const write = await writes()
    const inputs = [
      about(whole),
      about(),
      about(stripe, whole),
      { text: '<image>A photo of', images: stripe },
    ]
    const each: unknown[] = []
    for (const input of inputs) each.push(await write(input, few))
    expect(await write(inputs, { ...few, batchSize: 4 })).toEqual(each)
  })

  test('what comes piece by piece is what is new in the answer', async () => {
    const write = await writes()
    for (const input of [about(stripe), { text: '<image>A photo of', images: whole }]) {
      const [answer] = await write(input, { ...few, returnFullText: false })
      const pieces: string[] = []
      for await (const piece of write.stream(input, few)) pieces.push(piece)
      expect(pieces.join('')).toBe(answer!.generated_text)
      expect(pieces.length).toBeGreaterThan(3)
    }
  })

  test('an answer is gone on from', async () => {
    const write = await writes()
    const [before] = await write(about(stripe), few)
    const further = [...before!.generated_text, { role: 'user', content: 'And then?' }]
    const [answer] = await write(further, few)
    expect(answer!.generated_text).toHaveLength(4)
  })

  test('an image is given by its address, in the messages of other services, or as base64', async () => {
    const write = await writes()
    const canvas = new OffscreenCanvas(stripe.width, stripe.height)
    const rgba = Uint8ClampedArray.from({ length: stripe.width * stripe.height * 4 }, (_, i) =>
      i % 4 === 3 ? 255 : stripe.data[Math.floor(i / 4) * 3 + (i % 4)]!,
    )
    canvas.getContext('2d')!.putImageData(new ImageData(rgba, stripe.width, stripe.height), 0, 0)
    const file = await canvas.convertToBlob()
    const url = URL.createObjectURL(file)
    const base64 = btoa(String.fromCharCode(...new Uint8Array(await file.arrayBuffer())))
    const options = { ...few, returnFullText: false } as const
    const [expected] = await write(about(stripe), options)
    const parts = [
      { type: 'image', url },
      { type: 'image', base64 },
      { type: 'image_url', image_url: { url } },
      { type: 'image', image: file },
    ]
    for (const image of parts) {
      const [answer] = await write(
        [{ role: 'user', content: [image, { type: 'text', text: 'What is this?' }] }],
        options,
      )
      expect(answer!.generated_text).toBe(expected!.generated_text)
    }
  })

  test('places without an image, images without a place, and options that contradict each other', async () => {
    const write = await writes()
    const place: Chat = [{ role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'This?' }] }]
    await expect(write(place, few)).rejects.toThrow(InputError)
    await expect(write({ text: place, images: [stripe, whole] }, few)).rejects.toThrow(InputError)
    await expect(write({ text: 'A photo of', images: stripe }, few)).rejects.toThrow(OptionError)
    await expect(write('<image>A photo of', few)).rejects.toThrow(/no images were given/)
    await expect(write({ text: ['a', 'b'], images: [stripe] }, few)).rejects.toThrow(InputError)
    await expect(write(about(stripe), { ...few, generateKwargs: few })).rejects.toThrow(/given twice/)
    await expect(write(about(stripe), { returnFullText: true, returnTensors: true })).rejects.toThrow(
      OptionError,
    )
    const film: Chat = [{ role: 'user', content: [{ type: 'video', url: 'film.mp4' }] }]
    await expect(write(film, few)).rejects.toThrow(/only images/)
    const cut = write(
      { text: '<image>A photo of', images: stripe },
      { ...few, textKwargs: { truncation: true, maxLength: 5 } },
    )
    await expect(cut).rejects.toThrow(/can't be cut off/)
  })

  test('a model whose processor makes labels of texts goes on from none', async () => {
    await using write = await pipeline('image-text-to-text', 'tiny/trocr-lines', { ...hub, device: 'wasm' })
    await expect(write({ text: 'A', images: stripe })).rejects.toThrow(/TrOCRProcessor makes labels/)
  })
})

test('a caption that a model goes on from no prompt for, and documents that are not read by Donut', async () => {
  const write = await open('image-to-text', 'tiny/trocr-lines')
  await expect(write(stripe, { prompt: 'A photo of' })).rejects.toThrow(OptionError)
  await using ask = await pipeline('document-question-answering', 'tiny/trocr-lines', {
    ...hub,
    device: 'wasm',
  })
  await expect(ask({ image: stripe, question: 'Who?' })).rejects.toThrow('written for Donut')
})

test.each(['smolvlm-chat', 'idefics3-chat', 'donut-documents'])(
  'the processor of %s is saved as in Python',
  async (name) => {
    const processor = await AutoProcessor.fromPretrained(`tiny/${name}`, hub)
    const root = await navigator.storage.getDirectory()
    const directory = await root.getDirectoryHandle(`saved-${name}`, { create: true })
    const saved = await processor.savePretrained(directory)
    const own = Object.keys(fixtures).filter((path) => path.startsWith(`tiny/${name}/`))
    const isProcessors = (path: string) => /processor_config\.json$|\.jinja$/.test(path)
    expect(saved.filter(isProcessors).sort()).toEqual(
      own
        .filter(isProcessors)
        .map((path) => path.split('/').at(-1))
        .sort(),
    )
    for (const path of saved.filter(isProcessors)) {
      const text = await (await (await directory.getFileHandle(path)).getFile()).text()
      expect(text).toBe(await (await fixtures[`tiny/${name}/${path}`]!()).text())
    }
    await root.removeEntry(directory.name, { recursive: true })
  },
)
