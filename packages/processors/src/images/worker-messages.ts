/** @file What the page and the worker that holds large images say to each other. */
import type { PixelReader, Pixels } from './pixels'
import type { Resizing } from './resizing'

/** Requests by kind: what they say, and what they are answered. */
export interface Requests {
  open: [
    { blob: Blob; options: ImageBitmapOptions; upright: boolean },
    Pick<PixelReader, 'width' | 'height' | 'red'>,
  ]
  read: [{ image: number; top: number; rows: number }, Pixels]
  resize: [{ image: number; resizing: Omit<Resizing, 'signal'> }, Uint8ClampedArray]
}
export type Kind = keyof Requests

/** An image that was opened goes by the number of its request. */
export type Request = { [K in Kind]: { kind: K; id: number } & Requests[K][0] }[Kind]

export type ToWorker =
  | Request
  /** The request's answer is not waited for any more. */
  | { kind: 'abort'; id: number }
  | { kind: 'close'; image: number }

export type FromWorker =
  /** Which lock it holds for as long as it lives. */
  | { kind: 'held'; lock: string }
  | { kind: 'answer'; id: number; value: Requests[Kind][1] }
  /** Classes of our own do not cross. */
  | { kind: 'error'; id: number; error: unknown; isTooLarge: boolean }
