/** @file For tests in node: the recorded photograph, and how recorded tensors are compared with. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { type RawImage, rawCanvas, readRaw } from '../images/pixels'
import { resize } from '../images/resize'
import type { Resizing } from '../images/resizing'
import type { FeatureTensor } from '../tensor'

const place = (file: string) => new URL(`../../fixtures/images/${file}`, import.meta.url)

export const recorded = <T>(file: string): T => JSON.parse(readFileSync(place(file), 'utf8')) as T
export const file = (name: string) => new Blob([new Uint8Array(readFileSync(place(name)))])

/** A part of a photograph of a cat. */
export const cat: RawImage = {
  width: 160,
  height: 120,
  channels: 3,
  data: new Uint8Array(readFileSync(place('cat.rgb'))),
}

export const checksum = (data: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex')
    .slice(0, 32)

export async function resized(image: RawImage, resizing: Resizing): Promise<RawImage> {
  const [canvas, sink] = rawCanvas(resizing.width, resizing.height)
  await resize(readRaw(image), resizing, sink)
  return canvas
}

export function crop(
  image: RawImage,
  [left, top, right, bottom]: readonly [number, number, number, number],
): RawImage {
  const [width, height] = [right - left, bottom - top]
  const rows = Array.from({ length: height }, (_, y) => {
    const start = ((top + y) * image.width + left) * 3
    return Array.from(image.data.subarray(start, start + width * 3))
  })
  return { width, height, channels: 3, data: Uint8Array.from(rows.flat()) }
}

/** A tensor of Python: all its values, or some of them and a checksum of all. */
export type RecordedTensor = { shape: number[] } & (
  | { values: number[] }
  | { samples: number[]; checksum: string }
)

/** Values equal to the last bit. */
export function expectTensor({ shape, data }: FeatureTensor, expected: RecordedTensor, what: string): void {
  expect(shape, what).toEqual(expected.shape)
  if ('values' in expected) {
    for (const [i, value] of expected.values.entries())
      expect(data[i], `${what}, value ${i}`).toBeCloseTo(value, 5)
    return
  }
  const { samples } = expected
  const at = samples.map((_, i) => Math.trunc((i * (data.length - 1)) / (samples.length - 1)))
  for (const [i, value] of samples.entries()) expect(data[at[i]!], `${what}, value ${at[i]}`).toBe(value)
  expect(checksum(data), `${what}, all values`).toBe(expected.checksum)
}
