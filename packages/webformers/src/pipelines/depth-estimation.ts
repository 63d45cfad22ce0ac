/** @file `depth-estimation`: how far away each pixel of an image is. */
import { breather } from '@webformers/hub'
import type { Depth, DepthOutputs, ImageInput, RawImage } from '@webformers/processors'
import type { Tensor } from '../tensor'
import { greyImage, type ImageRow, imageRow, runImages } from './image-rows'
import { defineTask } from './task'

/** Depths as the model has them, [height, width] of the image, and as an image from 0 to 255. */
export interface EstimatedDepth {
  predicted_depth: Tensor<'float32'>
  depth: RawImage
}

export interface DepthEstimation {
  input: ImageInput
  options: Record<never, never>
  one: EstimatedDepth
  many: EstimatedDepth[]
}

export const depthEstimation = defineTask({
  head: 'ForDepthEstimation',
  outputs: ['predicted_depth'],
  standard: { source: 'Intel/dpt-large', revision: 'bc15f29' },
  preprocessing: ['imageProcessor'],
  settle: (_: object) => ({}),
  prepare: (image: ImageInput, _, context) => imageRow(image, context),
  async run(rows: readonly ImageRow[], _, context) {
    const depths: EstimatedDepth[] = []
    for (const [i, outputs] of (await runImages(rows, context)).entries()) {
      const options = { targetSizes: [rows[i]!.size], signal: context.signal }
      const found = outputs as unknown as DepthOutputs
      const [depth] = await context.imageProcessor.postProcessDepthEstimation(found, options)
      depths.push(await pictured(depth!, context.signal))
    }
    return depths
  },
  answer: ([depth]): EstimatedDepth => depth!,
})

/** The depths, and the same from 0 to 255, rounded as numpy rounds at each step. */
async function pictured({ predicted_depth }: Depth, signal?: AbortSignal): Promise<EstimatedDepth> {
  const { data, shape } = predicted_depth
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const breathe = breather(signal)
  for (let start = 0; start < data.length; start += shape[1]!) {
    for (const depth of data.subarray(start, start + shape[1]!)) {
      least = Math.min(least, depth)
      most = Math.max(most, depth)
    }
    await breathe()
  }
  const range = Math.fround(most - least)
  const byte = (i: number) => Math.fround(Math.fround(Math.fround(data[i]! - least) / range) * 255)
  return { predicted_depth, depth: await greyImage(shape[0]!, shape[1]!, byte, signal) }
}
