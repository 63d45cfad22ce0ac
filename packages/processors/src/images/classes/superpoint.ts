/** @file SuperPoint's class: images in three channels, which may become the same grey. */
import type { ImageProcessorDefinition } from '../definition'
import { pixelValues } from '../layout'
import { BILINEAR } from '../settings'
import { exactSize, sizeDict } from '../sizes'

const { fround } = Math

/** How much each channel counts in grey. */
const GREY = [0.2989, 0.587, 0.114].map(fround)

/** Planes of red, green and blue become grey, unless they are that already: all of it counts for less than one. */
function toGrey(planes: readonly [Float32Array, Float32Array, Float32Array]): void {
  const [red, green, blue] = planes
  const [r, g, b] = GREY as [number, number, number]
  if (red.every((value, i) => value === green[i] && value === blue[i])) return
  const grey = red.map((value, i) => fround(fround(value * r) + fround(green[i]! * g)) + fround(blue[i]! * b))
  for (const each of planes) each.set(grey)
}

const layout: ImageProcessorDefinition['layout'] = ({ height, width }, { do_resize, size }) => ({
  resized: do_resize ? exactSize(size!) : { height, width },
})

export const SuperPointImageProcessor: ImageProcessorDefinition = {
  name: 'SuperPointImageProcessor',
  defaults: {
    do_resize: true,
    size: { height: 480, width: 640 },
    resample: BILINEAR,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_grayscale: false,
  },
  size: (size) => sizeDict(size, 'shortest_edge'),
  layout,
  async preprocess([images = []], config, { signal }) {
    const placed = images.map((image) => ({ image, layout: layout(image, config) }))
    const pixel_values = await pixelValues(placed, config, signal)
    const [, , height = 0, width = 0] = pixel_values.shape
    const plane = (number: number) =>
      pixel_values.data.subarray(number * height * width, (number + 1) * height * width)
    if (config.do_grayscale)
      for (const i of images.keys()) toGrey([plane(3 * i), plane(3 * i + 1), plane(3 * i + 2)])
    return { pixel_values }
  },
  postProcess: ['KeypointDetection'],
}
