/** @file Large images in a worker of their own: what the page asks it. */
import { ImageDecodeError, ImageTooLargeError } from './errors'
import type { PixelReader } from './pixels'
import type { Resizing } from './resizing'
import { spawnImages } from './spawn-images'
import type { FromWorker, Kind, Requests, ToWorker } from './worker-messages'

/** How long the worker is kept when it holds no image any more. In milliseconds. */
const IDLE = 10_000

let current: ImageWorker | undefined
/** No worker could start, as under a policy that forbids it: nor will the next. */
let isForbidden = false

/**
 * A file decoded in the worker, or nothing where none can start.
 * @throws {DOMException} when it can't be decoded
 */
export async function decodeInWorker(
  blob: Blob,
  options: ImageBitmapOptions,
  upright: boolean,
  signal: AbortSignal | undefined,
): Promise<[PixelReader, close: () => void] | undefined> {
  if (isForbidden || typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined') return undefined
  try {
    current ??= new ImageWorker()
  } catch {
    isForbidden = true
    return undefined
  }
  const worker = current
  try {
    return await worker.open(blob, options, upright, signal)
  } catch (error) {
    if (!(error instanceof Ended) || worker.hasStarted) throw error
    isForbidden = true
    return undefined
  }
}

/** The worker is no more. */
class Ended extends ImageDecodeError {}

/** An image that nobody can ask for any more needs no memory there. */
const forgotten = new FinalizationRegistry<() => void>((close) => close())

class ImageWorker {
  readonly #worker = spawnImages()
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (cause: unknown) => void }>()
  readonly #images = new Set<number>()
  readonly #life = new AbortController()
  #next = 0
  #ending: ReturnType<typeof setTimeout> | undefined
  hasStarted = false

  constructor() {
    const fail = () => this.#end()
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.hasStarted = true
      if (data.kind === 'held') {
        navigator.locks.request(data.lock, { signal: this.#life.signal }, fail).catch(() => {})
        return
      }
      const { resolve, reject } = this.#waiting.get(data.id) ?? {}
      this.#waiting.delete(data.id)
      if (data.kind === 'answer') resolve?.(data.value as never)
      else reject?.(data.isTooLarge ? new ImageTooLargeError((data.error as Error).message) : data.error)
    }
    this.#worker.onmessageerror = fail
    this.#worker.onerror = (event) => {
      event.preventDefault()
      fail()
    }
  }

  async open(
    blob: Blob,
    options: ImageBitmapOptions,
    upright: boolean,
    signal: AbortSignal | undefined,
  ): Promise<[PixelReader, close: () => void]> {
    clearTimeout(this.#ending)
    const image = this.#next
    const close = () => this.#close(image)
    const ask = <K extends Kind>(kind: K, request: Requests[K][0], signal?: AbortSignal) =>
      this.#images.has(image)
        ? this.#ask(kind, request, signal)
        : Promise.reject(new ImageDecodeError('The image has been closed.'))
    this.#images.add(image)
    try {
      const reader: PixelReader = {
        ...(await this.#ask('open', { blob, options, upright }, signal)),
        read: (top, rows) => ask('read', { image, top, rows }),
        resize: ({ signal, ...resizing }: Resizing) => ask('resize', { image, resizing }, signal),
      }
      forgotten.register(reader, close)
      return [reader, close]
    } catch (error) {
      close()
      throw error
    }
  }

  #ask<K extends Kind>(kind: K, request: Requests[K][0], signal?: AbortSignal): Promise<Requests[K][1]> {
    if (this.#life.signal.aborted) return Promise.reject(ended())
    const id = this.#next++
    const done = new AbortController()
    const answer = new Promise<Requests[K][1]>((resolve, reject) => {
      const abort = () => {
        reject(signal?.reason)
        this.#post({ kind: 'abort', id })
      }
      signal?.addEventListener('abort', abort, { signal: done.signal })
      this.#waiting.set(id, { resolve, reject })
      this.#post({ kind, id, ...request } as unknown as ToWorker)
    })
    return answer.finally(() => done.abort())
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #close(image: number): void {
    if (!this.#images.delete(image)) return
    this.#post({ kind: 'close', image })
    if (this.#images.size === 0) this.#ending = setTimeout(() => this.#end(), IDLE)
  }

  #end(): void {
    if (current === this) current = undefined
    clearTimeout(this.#ending)
    this.#life.abort()
    this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(ended())
    this.#waiting.clear()
  }
}

const ended = () => new Ended('The image was lost: the worker that held it has ended.')
