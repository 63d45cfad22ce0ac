/** @file Images of whatever kind a page has, decoded: as the pixels that PIL's `exif_transpose` and `convert('RGB')` give. */
import { NetworkError } from '@webformers/hub'
import { decodeBitmap, readBitmap } from './bitmap'
import { ImageDecodeError, UnsupportedImageError } from './errors'
import { HEADER_BYTES, type ImageHeader, readHeader } from './header'
import { decodeInWorker } from './image-worker'
import { checkSize } from './limits'
import { type PixelReader, type Pixels, type RawImage, readRaw } from './pixels'

/** An image: where it lies (a URL, also a `data:` or `blob:` one), a file, what the page shows, or its pixels. Of a `<video>`
 * the frame that it shows. */
export type ImageInput =
  | string
  | URL
  | Blob
  | ImageBitmap
  | ImageData
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLVideoElement
  | VideoFrame
  | RawImage
  | LoadedImage

/** An image that is decoded and has its right way up; each processor that takes it reads its pixels again. */
export class LoadedImage implements PixelReader {
  readonly #reader: PixelReader
  readonly #close: () => void

  constructor(reader: PixelReader, close: () => void = () => {}) {
    this.#reader = reader
    this.#close = close
  }

  get width(): number {
    return this.#reader.width
  }
  get height(): number {
    return this.#reader.height
  }

  get red(): 0 | 2 {
    return this.#reader.red
  }

  read(top: number, rows: number, room?: Uint8Array): Pixels | Promise<Pixels> {
    return this.#reader.read(top, rows, room)
  }

  get resize(): PixelReader['resize'] {
    return this.#reader.resize
  }

  /** Give the decoded pixels' memory back. */
  close(): void {
    this.#close()
  }
  [Symbol.dispose](): void {
    this.close()
  }
}

export interface LoadImageOptions {
  fetch?: typeof fetch
  signal?: AbortSignal
}

/** The implementation of the public {@link loadImage}. */
export async function loadImage(input: ImageInput, options: LoadImageOptions = {}): Promise<LoadedImage> {
  const { signal } = options
  signal?.throwIfAborted()
  if (input instanceof LoadedImage) return input
  if (typeof input === 'string' || input instanceof URL)
    return decodeBlob(await download(input, options), signal)
  if (input instanceof Blob) return decodeBlob(input, signal)
  if ('data' in input)
    return new LoadedImage(
      readRaw('channels' in input ? input : { ...sizeOf(input), channels: 4, data: bytesOf(input) }),
    )
  return shown(input, signal)
}

const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height })

function bytesOf({ data }: ImageData): Uint8ClampedArray {
  if (data instanceof Uint8ClampedArray) return data
  throw new ImageDecodeError(
    'ImageData of 16-bit floats is not read. Take it with { pixelFormat: "rgba-unorm8" }.',
  )
}

async function download(
  address: string | URL,
  { fetch = globalThis.fetch, signal }: LoadImageOptions,
): Promise<Blob> {
  let response: Response
  try {
    response = await fetch(address, { signal })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new NetworkError(`The image ${short(address)} can't be fetched: ${(cause as Error).message}`, {
      cause,
    })
  }
  if (!response.ok) {
    throw new NetworkError(
      `The image ${short(address)} can't be fetched: the server answered ${response.status} ${response.statusText}`.trim(),
    )
  }
  return response.blob()
}

const short = (address: string | URL) => {
  const text = String(address)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

/** Bytes as they are in the file: neither multiplied by their alpha nor moved to the screen's colours, as PIL leaves them. Each is
 * asked for only where it would make a difference: it takes as long as decoding. */
const asStored = ({ alpha, profile }: Pick<ImageHeader, 'alpha' | 'profile'>): ImageBitmapOptions => ({
  imageOrientation: 'from-image',
  premultiplyAlpha: alpha ? 'none' : 'default',
  colorSpaceConversion: profile ? 'none' : 'default',
})
const UNKNOWN = { alpha: true, profile: true, upright: false }

/** In pixels. What has more takes the thread that decodes it some milliseconds, although decoders have threads of their own. */
const LARGE = 2 ** 20

/** @param large more pixels than these are decoded in a worker */
export async function decodeBlob(blob: Blob, signal?: AbortSignal, large = LARGE): Promise<LoadedImage> {
  const header = readHeader(new Uint8Array(await blob.slice(0, HEADER_BYTES).arrayBuffer()))
  signal?.throwIfAborted()
  if (blob.size === 0) throw new ImageDecodeError('The image is empty: a file of 0 bytes.')
  if (header) checkSize(header.width, header.height)
  const { upright, ...known } = header ?? UNKNOWN
  const given: Parameters<typeof decodeInWorker> = [blob, asStored(known), upright, signal]
  const isLarge = header && header.width * header.height > large
  const decode = async (): Promise<ConstructorParameters<typeof LoadedImage>> =>
    (isLarge && (await decodeInWorker(...given))) || decodeBitmap(...given)
  const opened = await decode().catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw cause instanceof ImageDecodeError ? cause : undecoded(blob, header, cause)
  })
  return new LoadedImage(...opened)
}

/** Every browser decodes the usual kinds: one that fails is broken. */
function undecoded({ size, type }: Blob, header: ImageHeader | undefined, cause: unknown): ImageDecodeError {
  if (!header) {
    const named = type === '' ? '' : ` of type ${type}`
    return new UnsupportedImageError(`The file${named} is no image that this browser decodes.`, { cause })
  }
  const { format } = header
  if (format === 'heif' || format === 'avif')
    return new UnsupportedImageError(
      `This browser does not decode the ${format} of ${size} bytes. Make it a JPEG before.`,
      { cause },
    )
  return new ImageDecodeError(`The ${format} of ${size} bytes is broken.`, { cause })
}

type Shown = Exclude<ImageInput, string | URL | Blob | ImageData | RawImage | LoadedImage>

async function shown(input: Shown, signal: AbortSignal | undefined): Promise<LoadedImage> {
  const [width, height] = shownSize(input)
  if (!(width > 0 && height > 0)) {
    throw new ImageDecodeError(
      `There are no pixels in this ${nameOf(input)} yet: it has ${width} × ${height}. Wait until it has loaded.`,
    )
  }
  checkSize(width, height)
  const bitmap = await createImageBitmap(input, asStored(UNKNOWN)).catch((cause: unknown) => {
    throw new ImageDecodeError(`This ${nameOf(input)} can't be read: ${(cause as Error).message}`, { cause })
  })
  if (signal?.aborted) bitmap.close()
  signal?.throwIfAborted()
  return new LoadedImage(...(await readBitmap(bitmap, 'getContext' in input)))
}

function shownSize(input: Shown): [width: number, height: number] {
  if ('videoWidth' in input) return [input.videoWidth, input.videoHeight]
  if ('naturalWidth' in input) return [input.naturalWidth, input.naturalHeight]
  if ('displayWidth' in input) return [input.displayWidth, input.displayHeight]
  return [input.width, input.height]
}

const nameOf = (input: Shown) => input.constructor.name
