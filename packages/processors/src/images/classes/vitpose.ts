/** @file ViTPose's class: what each box of a body frames is drawn at one size. */
import type { LoadedImage } from '../decode'
import type { ImageProcessorDefinition } from '../definition'
import { ImageProcessorError } from '../errors'
import { channelTables, pixelValues } from '../layout'
import { type CenterAndScale, type CocoBox, centerAndScale, checkBoxes, UNIT } from '../person-boxes'
import { IMAGENET_MEAN, IMAGENET_STD, type ImageProcessorConfig } from '../settings'
import { exactSize, type Size } from '../sizes'
import { type Line, warp } from '../warp'

const { fround } = Math

/** Where the image lies that a box frames, with the rounding of Python's steps: a matrix of float32, inverted. */
function lineOf(center: number, scale: number, size: number): Line {
  const looked = fround(scale * UNIT)
  const factor = (size - 1) / looked
  const middle = fround(fround(-0.5 * fround(center * 2)) + fround(0.5 * looked))
  const [forward, shift] = [fround(factor), fround(factor * middle)]
  return { scale: 1 / forward, offset: -(shift * (1 / forward)) }
}

const linesOf = ({ center: [x, y], scale: [wide, high] }: CenterAndScale, { width, height }: Size) => ({
  across: lineOf(x, wide, width),
  down: lineOf(y, high, height),
})

/** [boxes, 3, height, width], those of one image after those of another. */
async function framed(
  images: readonly LoadedImage[],
  boxes: readonly (readonly CocoBox[])[],
  config: ImageProcessorConfig,
  signal?: AbortSignal,
) {
  const size = exactSize(config.size!)
  const tables = channelTables(config)
  const plane = size.height * size.width
  const data = new Float32Array(boxes.flat().length * 3 * plane)
  let start = 0
  for (const [i, image] of images.entries()) {
    for (const box of boxes[i]!) {
      const lines = linesOf(centerAndScale(box, size), size)
      const first = start
      const put = (row: Uint8ClampedArray, y: number) => {
        const at = first + y * size.width
        for (let x = 0; x < row.length; x++)
          data[at + (x % 3) * plane + Math.floor(x / 3)] = tables[x % 3]![row[x]!]!
      }
      await warp(image, lines, size, put, signal)
      start += 3 * plane
    }
  }
  return { dtype: 'float32' as const, shape: [boxes.flat().length, 3, size.height, size.width], data }
}

const layout: ImageProcessorDefinition['layout'] = ({ height, width }) => ({ resized: { height, width } })

export const VitPoseImageProcessor: ImageProcessorDefinition = {
  name: 'VitPoseImageProcessor',
  defaults: {
    do_affine_transform: true,
    size: { height: 256, width: 192 },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: IMAGENET_MEAN,
    image_std: IMAGENET_STD,
    normalize_factor: UNIT,
  },
  settle: (config) => ({ ...config, normalize_factor: UNIT }),
  floats: ['normalize_factor'],
  layout,
  async preprocess([images = []], config, { boxes, signal }) {
    const checked = checkBoxes(boxes, images.length)
    if (config.do_affine_transform) {
      if (checked.flat().length === 0)
        throw new ImageProcessorError('There is no box to look into. Give at least one.')
      return { pixel_values: await framed(images, checked, config, signal) }
    }
    const placed = images.map((image) => ({ image, layout: layout(image, config) }))
    return { pixel_values: await pixelValues(placed, config, signal) }
  },
  boxes: true,
  postProcess: ['PoseEstimation'],
}
