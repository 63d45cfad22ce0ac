/** @file SAM's masks at the size of their images. */
import { breather } from '@webformers/hub'
import type { FeatureTensor } from '../../tensor'
import type { Size } from '../sizes'
import { BilinearRows } from './interpolate'
import type { MaskOptions, TargetSize } from './outputs'

/** One mask's logits as the image has it: enlarged to what the model saw, its padding cut off, then to the image's size.
 * `take` gets them row by row. */
export async function originalMask(
  mask: Float32Array,
  from: Size,
  {
    padded,
    reshaped,
    original,
    signal,
  }: { padded: Size; reshaped: Size; original: Size; signal?: AbortSignal },
  take: (row: Float32Array, y: number) => void,
): Promise<void> {
  const breathe = breather(signal)
  const seen = new BilinearRows(mask, 1, from, padded)
  const cut = new Float32Array(reshaped.height * reshaped.width)
  for (let y = 0; y < reshaped.height; y++) {
    cut.set(seen.row(y).subarray(0, reshaped.width), y * reshaped.width)
    await breathe()
  }
  const rows = new BilinearRows(cut, 1, reshaped, original)
  for (let y = 0; y < original.height; y++) {
    take(rows.row(y), y)
    await breathe()
  }
}

/** For each image [prompts, masks, height, width]. */
export async function masks(
  { data, shape }: FeatureTensor<'float32'>,
  padded: Size,
  { originalSizes, reshapedInputSizes, maskThreshold = 0, binarize = true, signal }: MaskOptions,
): Promise<FeatureTensor<'bool' | 'float32'>[]> {
  const [images = 0, prompts = 0, count = 0, height = 0, width = 0] = shape
  const plane = height * width
  const [originals, reshapes] = [sizesOf(originalSizes), sizesOf(reshapedInputSizes)]
  const results: FeatureTensor<'bool' | 'float32'>[] = []
  for (let image = 0; image < images; image++) {
    const [original, reshaped] = [originals[image]!, reshapes[image]!]
    const size = original.height * original.width
    const result = new (binarize ? Uint8Array : Float32Array)(prompts * count * size)
    for (let i = 0; i < prompts * count; i++) {
      const start = (image * prompts * count + i) * plane
      const sizes = { padded, reshaped, original, signal }
      await originalMask(data.subarray(start, start + plane), { height, width }, sizes, (row, y) => {
        const at = i * size + y * original.width
        if (!binarize) result.set(row, at)
        else for (let x = 0; x < row.length; x++) result[at + x] = row[x]! > maskThreshold ? 1 : 0
      })
    }
    const whole = [prompts, count, original.height, original.width]
    results.push({ dtype: binarize ? 'bool' : 'float32', shape: whole, data: result } as FeatureTensor<
      'bool' | 'float32'
    >)
  }
  return results
}

export function sizesOf(sizes: FeatureTensor<'int32'> | readonly TargetSize[]): Size[] {
  const flat = 'data' in sizes ? Array.from(sizes.data) : sizes.flat()
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    height: flat[2 * i]!,
    width: flat[2 * i + 1]!,
  }))
}
