/** @file webformers' image processors, as its documentation says. */
import { CLIPImageProcessor, ViTImageProcessor } from '/ours/webformers.js'

const classes = { CLIPImageProcessor, ViTImageProcessor }

export async function open({ image_processor_type, ...config }) {
  const processor = await classes[image_processor_type].fromConfig(config)
  return async (photograph) => (await processor(photograph)).pixel_values.data
}
