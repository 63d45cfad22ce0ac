/** @file transformers.js' image processors, with the same preprocessor_config.json. */
import { CLIPImageProcessor, RawImage, ViTImageProcessor } from '/peer/transformers.min.js'

const classes = { CLIPImageProcessor, ViTImageProcessor }

export async function open(config) {
  const processor = new classes[config.image_processor_type](config)
  return async (photograph) => (await processor(await RawImage.read(photograph))).pixel_values.data
}
