/** @file Images as the rows of a batch, and what their models have in common. */
import { breather } from '@webformers/hub'
import { type ImageFeatures, type ImageInput, loadImage, type RawImage } from '@webformers/processors'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import type { Context } from './task'

/** One image as its model reads it, and the size it came with. */
export interface ImageRow {
  readonly features: ImageFeatures
  readonly size: readonly [height: number, width: number]
}

/** The outputs for one image: tensors whose first dimension is 1. */
export type ImageOutputs = Readonly<Record<string, Tensor<'float32'>>>

/** The row of one image. */
export async function imageRow(
  input: ImageInput,
  { imageProcessor, signal }: Pick<Context, 'imageProcessor' | 'signal'>,
): Promise<readonly [ImageRow]> {
  const image = await loadImage(input, { signal })
  try {
    const features = await imageProcessor(image, { signal })
    return [{ features, size: [image.height, image.width] }]
  } finally {
    if (image !== input) image.close()
  }
}

/** What the model computes for images as one batch, image by image.
 * @param more what else it reads */
export async function runImages(
  rows: readonly ImageRow[],
  { model, signal }: Pick<Context, 'model' | 'signal'>,
  more: Readonly<Record<string, Tensor>> = {},
): Promise<ImageOutputs[]> {
  const inputs: Record<string, Tensor> = {
    ...more,
    pixel_values: stacked(rows.map(({ features }) => features.pixel_values)),
  }
  if (rows.every(({ features }) => features.pixel_mask)) {
    inputs.pixel_mask = stacked(rows.map(({ features }) => features.pixel_mask!))
  }
  const outputs = await model(inputs, { outputHiddenStates: false, outputAttentions: false, signal })
  return rows.map((_, i) => outputsOf(outputs as Record<string, unknown>, rows.length, i))
}

function outputsOf(outputs: Readonly<Record<string, unknown>>, rows: number, i: number): ImageOutputs {
  const own = Object.entries(outputs).flatMap(([name, value]) => {
    if (!isTensor(value) || value.shape[0] !== rows) return []
    const size = value.data.length / rows
    const data = (value.data as Float32Array).subarray(i * size, (i + 1) * size)
    return [[name, { dtype: 'float32' as const, shape: [1, ...value.shape.slice(1)], data }] as const]
  })
  return Object.fromEntries(own)
}

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'data' in value

/** Tensors [1, …] as one batch; masked images that differ in size are filled up with zeros.
 * @throws {OptionError} when others do */
function stacked<D extends 'float32' | 'int32'>(tensors: readonly Tensor<D>[]): Tensor<D> {
  const [first] = tensors as readonly [Tensor<D>]
  if (tensors.length === 1) return first
  const shape = first.shape.map((_, axis) => Math.max(...tensors.map((each) => each.shape[axis]!)))
  if (
    first.dtype === 'float32' &&
    tensors.some((each) => each.shape.some((size, axis) => size !== shape[axis]))
  ) {
    throw new OptionError(
      `Images that become different sizes (${tensors.map((each) => `[${each.shape}]`).join(', ')}) can't share a batch. Use { batchSize: 1 }.`,
    )
  }
  const [, ...rest] = shape
  const size = rest.reduce((product, dim) => product * dim, 1)
  const data = new (first.data.constructor as new (size: number) => Tensor<D>['data'])(size * tensors.length)
  for (const [i, each] of tensors.entries()) (data as Float32Array).set(each.data as Float32Array, i * size)
  return { dtype: first.dtype, shape: [tensors.length, ...rest], data }
}

/** A grey image, made with the page's other work in between: a photograph has millions of pixels. */
export async function greyImage(
  height: number,
  width: number,
  value: (i: number) => number,
  signal?: AbortSignal,
): Promise<RawImage> {
  const data = new Uint8Array(width * height)
  const breathe = breather(signal)
  for (let y = 0; y < height; y++) {
    for (let i = y * width; i < (y + 1) * width; i++) data[i] = value(i)
    await breathe()
  }
  return { width, height, channels: 1, data }
}
