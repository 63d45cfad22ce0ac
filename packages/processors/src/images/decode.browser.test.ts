import { describe, expect, test } from 'vitest'
import decoded from '../../fixtures/images/decoded.json'
import {
  ImageDecodeError,
  type ImageInput,
  ImageTooLargeError,
  loadImage,
  UnsupportedImageError,
  ViTImageProcessor,
} from '.'
import { readBitmap } from './bitmap'
import { decodeBlob } from './decode'
import { readHeader } from './header'
import type { PixelReader } from './pixels'

const urls = import.meta.glob<string>('../../fixtures/images/{files/*,cat.jpg}', {
  query: '?url',
  import: 'default',
  eager: true,
})
const addresses = Object.fromEntries(
  Object.entries(urls).map(([path, url]) => [path.split('/').at(-1)!, url]),
)
const fileOf = async (name: string) => (await fetch(addresses[name]!)).blob()

/** RGB bytes. */
async function pixelsOf(image: PixelReader): Promise<Uint8Array> {
  const { width, height } = image
  const rgb = new Uint8Array(width * height * 3)
  for (let top = 0; top < height; top += 7) {
    const rows = Math.min(7, height - top)
    const pixels = await image.read(top, rows)
    for (let i = 0; i < rows * width; i++)
      for (let c = 0; c < 3; c++) rgb[(top * width + i) * 3 + c] = pixels[i * 4 + Math.abs(image.red - c)]!
  }
  return rgb
}

const recordedPixels = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
const furthest = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0)

describe('decoded as PIL decodes', () => {
  const files = Object.entries(decoded).filter(([, { pixels }]) => pixels !== null)

  test.each(files)('%s', async (name, { width, height, pixels }) => {
    using image = await loadImage(await fileOf(name))
    expect([image.width, image.height]).toEqual([width, height])
    const expected = recordedPixels(pixels!)
    const found = await pixelsOf(image)
    expect(found.length).toBe(expected.length)
    expect(furthest(found, expected)).toBe(0)
  })

  test.each(files)('%s in the worker', async (name, { width, height, pixels }) => {
    using image = await decodeBlob(await fileOf(name), undefined, 0)
    expect(image.resize).toBeDefined()
    expect([image.width, image.height, ...(await pixelsOf(image))]).toEqual([
      width,
      height,
      ...recordedPixels(pixels!),
    ])
  })
})

describe('what a page has', () => {
  const { width, height, pixels } = decoded['colour.png']
  const expected = recordedPixels(pixels!)

  async function canvasOf(kind: 'canvas' | 'offscreen') {
    const bitmap = await createImageBitmap(await fileOf('colour.png'))
    const canvas =
      kind === 'offscreen'
        ? new OffscreenCanvas(width, height)
        : Object.assign(document.createElement('canvas'), { width, height })
    ;(canvas.getContext('2d') as OffscreenCanvasRenderingContext2D).drawImage(bitmap, 0, 0)
    return canvas
  }
  async function elementOf(name: string) {
    const image = new Image()
    image.src = addresses[name]!
    await image.decode()
    return image
  }
  const inputs: Record<string, () => Promise<ImageInput>> = {
    'an address': async () => addresses['colour.png']!,
    'a URL': async () => new URL(addresses['colour.png']!, location.href),
    'an image': () => elementOf('colour.png'),
    'a canvas': () => canvasOf('canvas'),
    'a canvas off the screen': () => canvasOf('offscreen'),
    'a bitmap': async () => createImageBitmap(await fileOf('colour.png')),
    'pixels of a canvas': async () =>
      ((await canvasOf('offscreen')).getContext('2d') as OffscreenCanvasRenderingContext2D).getImageData(
        0,
        0,
        width,
        height,
      ),
    'a frame': async () => new VideoFrame(await canvasOf('offscreen'), { timestamp: 0 }),
  }

  test.each(Object.entries(inputs))('%s', async (_, input) => {
    using image = await loadImage(await input())
    expect([image.width, image.height]).toEqual([width, height])
    expect(furthest(await pixelsOf(image), expected)).toBe(0)
  })

  test('an image that the page shows turned', async () => {
    using image = await loadImage(await elementOf('turned-6.jpg'))
    expect([image.width, image.height]).toEqual([24, 32])
    expect(furthest(await pixelsOf(image), recordedPixels(decoded['turned-6.jpg'].pixels!))).toBe(0)
  })

  test('the frame that a video shows', async () => {
    const canvas = (await canvasOf('canvas')) as HTMLCanvasElement
    const video = Object.assign(document.createElement('video'), {
      muted: true,
      srcObject: canvas.captureStream(10),
    })
    await expect(loadImage(video)).rejects.toThrow(ImageDecodeError) // nothing has come yet
    const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve))
    const drawing = setInterval(() => canvas.getContext('2d')!.drawImage(canvas, 0, 0), 50)
    await video.play()
    await shown
    clearInterval(drawing)
    using image = await loadImage(video)
    expect([image.width, image.height]).toEqual([width, height])
    const apart =
      (await pixelsOf(image)).reduce((sum, x, i) => sum + Math.abs(x - expected[i]!), 0) / expected.length
    expect(apart).toBeLessThan(12) // a stream of video may have lost colours on its way
  })
})

describe('what is no image', () => {
  const text = new Blob(['no image'], { type: 'text/plain' })
  const broken = async () => (await fileOf('colour.png')).slice(0, 60)
  /** A PNG of which there is nothing but what says its size. */
  function pngOfSize(width: number, height: number): Blob {
    const header = new DataView(new ArrayBuffer(33))
    for (const [i, byte] of [
      0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
    ].entries())
      header.setUint8(i, byte)
    header.setUint32(16, width)
    header.setUint32(20, height)
    header.setUint16(24, 0x0802)
    return new Blob([header])
  }
  const empty = document.createElement('canvas')
  empty.width = 0
  const cases: [
    what: string,
    () => Promise<ImageInput> | ImageInput,
    kind: new (message: string) => Error,
    message: string,
  ][] = [
    ['a text', () => text, UnsupportedImageError, 'text/plain'],
    ['a broken file', broken, ImageDecodeError, 'png of 60 bytes is broken'],
    ['an empty file', () => new Blob([]), ImageDecodeError, '0 bytes'],
    ['a canvas without pixels', () => empty, ImageDecodeError, '0 × 150'],
    ['an image that has not come', () => new Image(), ImageDecodeError, '0 × 0'],
    [
      'a kind that no browser decodes here',
      () => new Blob(['\0\0\0\x14ftypheic\0\0\0\0heic']),
      UnsupportedImageError,
      'heif',
    ],
    ['200 million pixels', () => pngOfSize(20000, 10000), ImageTooLargeError, '20000 × 10000'],
    ['a size of nothing', () => pngOfSize(0, 10), ImageDecodeError, 'broken'],
  ]

  test.each(cases)('%s', async (_, input, kind, message) => {
    const processor = await ViTImageProcessor.fromConfig()
    await expect(processor(await input())).rejects.toThrow(kind)
    await expect(processor(await input())).rejects.toThrow(message)
  })

  test('an address where nothing is', async () => {
    await expect(loadImage('https://nowhere.invalid/cat.jpg')).rejects.toThrow(
      expect.objectContaining({ name: 'NetworkError' }),
    )
    await expect(
      loadImage('/no-such-file.jpg', { fetch: async () => new Response('', { status: 404 }) }),
    ).rejects.toThrow('404')
  })

  test('what the page has given up', async () => {
    const controller = new AbortController()
    const loading = loadImage(await fileOf('cat.jpg'), { signal: controller.signal })
    controller.abort()
    await expect(loading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  })
})

test('a profile that says sRGB changes no pixel, and so the browser need not leave it out', async () => {
  const canvas = new OffscreenCanvas(200, 150)
  canvas.getContext('2d')!.drawImage(await createImageBitmap(await fileOf('cat.jpg')), 0, 0)
  const marked = await canvas.convertToBlob({ type: 'image/jpeg' })
  const bytes = new Uint8Array(await marked.arrayBuffer())
  expect(new TextDecoder('latin1').decode(bytes)).toContain('ICC_PROFILE')
  expect(readHeader(bytes)?.profile).toBe(false)
  const at = new TextDecoder('latin1').decode(bytes).indexOf('rTRC')
  const other = Uint8Array.from(bytes)
  other[at] = 0 // no curve for red any more
  expect(readHeader(other)?.profile).toBe(true)

  using image = await loadImage(marked)
  const [stored] = await readBitmap(await createImageBitmap(marked, { colorSpaceConversion: 'none' }), true)
  expect(furthest(await pixelsOf(image), await pixelsOf(stored))).toBe(0)
})

describe('a photograph of twelve million pixels', async () => {
  const canvas = new OffscreenCanvas(4000, 3000)
  const context = canvas.getContext('2d')!
  context.drawImage(await createImageBitmap(await fileOf('cat.jpg')), 0, 0, 4000, 3000)
  const photograph = await canvas.convertToBlob({ type: 'image/jpeg' })

  test('is resized in a worker as on the page, where other work has its turns in between', async () => {
    const processor = await ViTImageProcessor.fromConfig({ resample: 3 })
    const { pixel_values } = await processor(photograph)
    const bitmap = await createImageBitmap(photograph)
    let turns = 0
    const counting = setInterval(() => turns++, 1)
    const here = await processor(bitmap)
    clearInterval(counting)
    expect(turns).toBeGreaterThan(0) // the less, the faster the machine
    expect(pixel_values.data).toEqual(here.pixel_values.data)
    expect(pixel_values.data.some((x) => x > 0.5) && pixel_values.data.some((x) => x < -0.5)).toBe(true)
  })

  test('is decoded once for several processors, until it is closed', async () => {
    using image = await loadImage(photograph)
    expect([image.width, image.height]).toEqual([4000, 3000])
    for (const resample of [0, 1]) {
      const processor = await ViTImageProcessor.fromConfig({ resample })
      const [first, again] = [await processor(image), await processor(photograph)]
      expect(first.pixel_values.data).toEqual(again.pixel_values.data)
    }
    image.close()
    const processor = await ViTImageProcessor.fromConfig()
    await expect(processor(image)).rejects.toThrow('closed')
  })

  test('that the page has given up is neither decoded nor resized to its end', async () => {
    const controller = new AbortController()
    const loading = loadImage(photograph, { signal: controller.signal })
    setTimeout(() => controller.abort(), 5)
    await expect(loading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
    using image = await loadImage(photograph)
    const processor = await ViTImageProcessor.fromConfig({ size: { height: 4000, width: 4000 } })
    const again = new AbortController()
    const running = processor(image, { signal: again.signal })
    setTimeout(() => again.abort(), 5)
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  })

  test('that is broken is told', async () => {
    const half = photograph.slice(0, 1000)
    await expect(loadImage(half)).rejects.toThrow(ImageDecodeError)
    await expect(loadImage(half)).rejects.toThrow('jpeg of 1000 bytes is broken')
  })
})
