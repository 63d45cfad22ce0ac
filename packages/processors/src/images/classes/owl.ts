/** @file OWL-ViT's class, which resizes to a square, and OWLv2's, which makes images square first and keeps their ratio. */
import type { ImageProcessorDefinition } from '../definition'
import { middle } from '../layout'
import { BICUBIC, BILINEAR, CLIP_MEAN, CLIP_STD, type ImageProcessorConfig } from '../settings'
import { exactSize } from '../sizes'
import { squarePixels } from '../square'

const square = (side: number) => ({ height: side, width: side })
const shared = {
  do_resize: true,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: CLIP_MEAN,
  image_std: CLIP_STD,
}

export const OwlViTImageProcessor: ImageProcessorDefinition = {
  name: 'OwlViTImageProcessor',
  defaults: {
    ...shared,
    size: square(768),
    resample: BICUBIC,
    do_center_crop: false,
    crop_size: square(768),
  },
  /** Early files have another name for rescaling. */
  settle: ({ rescale, ...config }) => ({
    ...config,
    ...(typeof rescale === 'boolean' && { do_rescale: rescale }),
  }),
  layout(image, { do_resize, size, do_center_crop, crop_size }: ImageProcessorConfig) {
    const resized = do_resize ? exactSize(size!) : { height: image.height, width: image.width }
    return {
      resized,
      ...(do_center_crop && { cropped: middle(resized, exactSize(crop_size!, 'crop_size')) }),
    }
  },
  grounded: { square: false },
  postProcess: ['ObjectDetection', 'ImageGuidedDetection'],
}

export const Owlv2ImageProcessor: ImageProcessorDefinition = {
  name: 'Owlv2ImageProcessor',
  defaults: { ...shared, do_pad: true, size: square(960), resample: BILINEAR },
  layout: (image) => ({ resized: { height: image.height, width: image.width } }),
  preprocess: async ([images = []], config, { signal }) => ({
    pixel_values: await squarePixels(images, config, signal),
  }),
  grounded: { square: true },
  postProcess: ['ObjectDetection', 'ImageGuidedDetection'],
}
