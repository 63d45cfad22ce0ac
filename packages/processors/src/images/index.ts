/** @file Images → tensors, and a model's outputs → answers. */
import type { loadImage as load } from './decode'

export type { Annotation, DetectionLabels, PanopticAnnotation } from './annotations'
export {
  AutoImageProcessor,
  BitImageProcessor,
  BlipImageProcessor,
  CLIPImageProcessor,
  ConvNextImageProcessor,
  DeiTImageProcessor,
  DetrImageProcessor,
  DonutImageProcessor,
  DPTImageProcessor,
  Idefics3ImageProcessor,
  type ImageProcessorClass,
  type ImageProcessorLoadOptions,
  MobileNetV2ImageProcessor,
  OwlViTImageProcessor,
  Owlv2ImageProcessor,
  Qwen2VLImageProcessor,
  SamImageProcessor,
  SegformerImageProcessor,
  SiglipImageProcessor,
  SmolVLMImageProcessor,
  SuperPointImageProcessor,
  ViTImageProcessor,
  VitPoseImageProcessor,
  YolosImageProcessor,
} from './auto-image-processor'
export type { ImageInput, LoadedImage, LoadImageOptions } from './decode'
export type { ImageFeatures, PostProcess } from './definition'
export { ImageDecodeError, ImageProcessorError, ImageTooLargeError, UnsupportedImageError } from './errors'
export type { Resampling } from './filters'
export type { ImageProcessor } from './image-processor'
export type { CocoBox } from './person-boxes'
export type { RawImage } from './pixels'
export type * from './post-process/outputs'
export type { ImageInputs, ImageProcessorOptions } from './preprocess'
export type { CocoSegmentation } from './segmentations'
export type { ImageProcessorConfig, ImageProcessorSettings } from './settings'
export type { SizeDict, SizeLike } from './sizes'

/**
 * Decode an image once, to give it to several processors, or to know its size. Like `load_image` in Python: turned as EXIF
 * says, without its alpha.
 * @example
 * using image = await loadImage(file)
 * image.width // 4032
 * @throws {ImageDecodeError} when it is broken, empty, or not this page's to read
 * @throws {UnsupportedImageError} when this browser does not decode its kind
 * @throws {ImageTooLargeError} when it has more than 178,956,970 pixels
 * @throws {NetworkError} when its address can't be fetched
 */
export const loadImage: typeof load = async (...given) => (await import('./decode')).loadImage(...given)
