/** @file Label maps for semantic segmentation: what each pixel is, resized and cropped as their images are. */
import type { FeatureTensor } from '../tensor'
import type { LoadedImage } from './decode'
import type { ImageProcessorDefinition } from './definition'
import { ImageProcessorError } from './errors'
import { resizeInto, whole } from './layout'
import type { ImageProcessorConfig } from './settings'

/** DPT resizes label maps with the filter of its images; everyone else takes the nearest label. */
const KEEPS_FILTER = 'DPTImageProcessor'
const NEAREST = 0

/** [images, height, width] */
export async function labelMaps(
  definition: ImageProcessorDefinition,
  maps: readonly LoadedImage[],
  config: ImageProcessorConfig,
  signal?: AbortSignal,
): Promise<FeatureTensor<'int32'>> {
  const [size, pad_size] = [config.mask_size ?? config.size, config.mask_pad_size ?? config.pad_size]
  const resample = definition.name === KEEPS_FILTER ? config.resample : NEAREST
  const own = {
    ...config,
    size,
    pad_size,
    resample,
    ...(definition.name === KEEPS_FILTER && { do_pad: false }),
  }
  const reduced = config.do_reduce_labels ? reduceLabel : (label: number) => label
  const layouts = maps.map((map) => definition.layout(map, own))
  const sizes = layouts.map(({ resized, cropped, padded }) => padded ?? cropped ?? resized)
  const [{ height, width } = { height: 0, width: 0 }] = sizes
  if (sizes.some((each) => each.height !== height || each.width !== width)) {
    throw new ImageProcessorError('The label maps of a batch need one size. Give them one by one.')
  }
  const data = new Int32Array(maps.length * height * width)
  for (const [i, map] of maps.entries()) {
    const { resized, cropped } = layouts[i]!
    const kept = cropped ?? whole(resized)
    const start = (i * height + Math.max(0, -kept.top)) * width + Math.max(0, -kept.left)
    const relabelled = config.do_reduce_labels ? relabel(map) : map
    await resizeInto(relabelled, resized, kept, own, signal, (row, y) => {
      for (let x = 0; x < row.length / 3; x++) data[start + y * width + x] = row[x * 3]!
    })
  }
  return { dtype: 'int32', shape: [maps.length, height, width], data }

  function relabel(map: LoadedImage) {
    const read = async (top: number, rows: number) => (await map.read(top, rows)).map(reduced)
    return { width: map.width, height: map.height, red: map.red, read }
  }
}

/** 0, the background, becomes 255, which no loss counts; the others move up. */
const reduceLabel = (label: number) => (label === 0 || label === 255 ? 255 : label - 1)
