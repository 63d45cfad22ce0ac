/** @file Holds large images off the main thread: files come in, what they are resized to goes out. */
import { decodeBitmap } from './bitmap'
import { ImageTooLargeError } from './errors'
import { type PixelReader, rawCanvas } from './pixels'
import { resize } from './resize'
import { windowOf } from './resizing'
import type { FromWorker, Request, Requests, ToWorker } from './worker-messages'

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void
  postMessage(message: FromWorker, transfer?: Transferable[]): void
}

const images = new Map<number, readonly [PixelReader, close: () => void]>()
const running = new Map<number, AbortController>()

scope.onmessage = async ({ data }) => {
  switch (data.kind) {
    case 'abort':
      return running.get(data.id)?.abort()
    case 'close':
      images.get(data.image)?.[1]()
      images.delete(data.image)
      return
    default:
      return answer(data)
  }
}

async function answer(request: Request): Promise<void> {
  const { id } = request
  const controller = new AbortController()
  running.set(id, controller)
  try {
    const value = await answerTo(request, controller.signal)
    scope.postMessage({ kind: 'answer', id, value }, 'buffer' in value ? [value.buffer] : [])
  } catch (error) {
    scope.postMessage({ kind: 'error', id, error, isTooLarge: error instanceof ImageTooLargeError })
  } finally {
    running.delete(id)
  }
}

async function answerTo(request: Request, signal: AbortSignal): Promise<Requests[Request['kind']][1]> {
  if (request.kind === 'open') {
    const { blob, options, upright } = request
    const opened = await decodeBitmap(blob, options, upright, signal)
    images.set(request.id, opened)
    const [{ width, height, red }] = opened
    return { width, height, red }
  }
  const [image] = images.get(request.image)!
  if (request.kind === 'read') return (await image.read(request.top, request.rows)).slice()
  const { resizing } = request
  const { x, y } = windowOf(resizing)
  const [{ data }, sink] = rawCanvas(x.end - x.start, y.end - y.start)
  await resize(image, { ...resizing, signal }, sink)
  return data as Uint8ClampedArray
}

/** A lock for as long as this worker lives, where there are locks: no event tells a page that a worker was killed. */
const lock = `webformers images ${Math.random()}`
navigator.locks?.request(lock, () => {
  scope.postMessage({ kind: 'held', lock })
  return new Promise(() => {})
})
