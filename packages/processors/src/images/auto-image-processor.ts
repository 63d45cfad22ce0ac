/** @file `AutoImageProcessor`, and the classes by their names; what they do is fetched when the first is opened. */
import { type FileOptions, openRepository, type Repository, type Source } from '@webformers/hub'
import type { ImageProcessorName } from './classes'
import type { ImageProcessor } from './image-processor'
import type { ImageProcessorConfig } from './settings'

/** How an image processor is loaded. */
export interface ImageProcessorLoadOptions extends FileOptions {
  /** Keys of preprocessor_config.json that shall hold instead of the file's. */
  config?: ImageProcessorConfig
}

/** A class of image processors. */
export interface ImageProcessorClass {
  /** The processor of a repository, as this class reads it. Like `from_pretrained` in Python. */
  fromPretrained(source: Source | Repository, options?: ImageProcessorLoadOptions): Promise<ImageProcessor>
  /** A processor with Python's defaults, as far as `config` says nothing else. Like calling the class in Python.
   * @example
   * const processor = await ViTImageProcessor.fromConfig({ size: { height: 384, width: 384 } })
   * @throws {ImageProcessorError} when the configuration makes no sense.
   */
  fromConfig(config?: ImageProcessorConfig): Promise<ImageProcessor>
}

const isRepository = (source: Source | Repository): source is Repository =>
  typeof source === 'object' && 'has' in source && 'json' in source

async function open(
  source: Source | Repository,
  options: ImageProcessorLoadOptions,
  name?: ImageProcessorName,
): Promise<ImageProcessor> {
  const repository = isRepository(source) ? source : await openRepository(source, options)
  return (await import('./open')).openImageProcessor(repository, { ...options.config }, name)
}

export const AutoImageProcessor = {
  /**
   * The image processor of a repository: a name on the Hub, a URL, or a picked directory. Like
   * `AutoImageProcessor.from_pretrained` in Python; of a class that is there twice, this is the one that works with Pillow
   * (`use_fast=False`), as Python takes where torchvision is not installed.
   * @example
   * const processor = await AutoImageProcessor.fromPretrained('google/vit-base-patch16-224')
   * const { pixel_values } = await processor(document.querySelector('img'))
   * pixel_values.shape // [1, 3, 224, 224]
   * @throws {RepositoryNotFoundError} @throws {FileNotFoundError} @throws {OfflineError}
   * @throws {ImageProcessorError} when nobody here knows its class, or its configuration makes no sense.
   */
  fromPretrained: (source: Source | Repository, options: ImageProcessorLoadOptions = {}) =>
    open(source, options),
}

const named = (name: ImageProcessorName): ImageProcessorClass => ({
  fromPretrained: (source, options = {}) => open(source, options, name),
  fromConfig: async (config = {}) => (await import('./open')).createImageProcessor(name, { ...config }),
})

/** DINOv2's. */
export const BitImageProcessor = /* @__PURE__ */ named('BitImageProcessor')
export const BlipImageProcessor = /* @__PURE__ */ named('BlipImageProcessor')
export const CLIPImageProcessor = /* @__PURE__ */ named('CLIPImageProcessor')
/** ConvNeXt's and ResNet's. */
export const ConvNextImageProcessor = /* @__PURE__ */ named('ConvNextImageProcessor')
export const DeiTImageProcessor = /* @__PURE__ */ named('DeiTImageProcessor')
export const DetrImageProcessor = /* @__PURE__ */ named('DetrImageProcessor')
export const DonutImageProcessor = /* @__PURE__ */ named('DonutImageProcessor')
/** DPT's and Depth Anything's. */
export const DPTImageProcessor = /* @__PURE__ */ named('DPTImageProcessor')
export const Idefics3ImageProcessor = /* @__PURE__ */ named('Idefics3ImageProcessor')
export const MobileNetV2ImageProcessor = /* @__PURE__ */ named('MobileNetV2ImageProcessor')
export const OwlViTImageProcessor = /* @__PURE__ */ named('OwlViTImageProcessor')
export const Owlv2ImageProcessor = /* @__PURE__ */ named('Owlv2ImageProcessor')
export const Qwen2VLImageProcessor = /* @__PURE__ */ named('Qwen2VLImageProcessor')
export const SamImageProcessor = /* @__PURE__ */ named('SamImageProcessor')
export const SegformerImageProcessor = /* @__PURE__ */ named('SegformerImageProcessor')
export const SiglipImageProcessor = /* @__PURE__ */ named('SiglipImageProcessor')
export const SmolVLMImageProcessor = /* @__PURE__ */ named('SmolVLMImageProcessor')
export const SuperPointImageProcessor = /* @__PURE__ */ named('SuperPointImageProcessor')
/** ViT's, Swin's and TrOCR's. */
export const ViTImageProcessor = /* @__PURE__ */ named('ViTImageProcessor')
export const VitPoseImageProcessor = /* @__PURE__ */ named('VitPoseImageProcessor')
export const YolosImageProcessor = /* @__PURE__ */ named('YolosImageProcessor')
