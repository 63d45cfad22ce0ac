/** @file The image processor as Transformers knows it: call it with images, get what a model takes. */
import {
  modelCard,
  type Pushed,
  type PushOptions,
  PythonFloat,
  pushFiles,
  type SaveFilesOptions,
  type SaveTarget,
  saveFiles,
} from '@webformers/hub'
import { CONFIG_FILE, configFile } from '../config-file'
import type { ImageFeatures, ImageProcessorParts } from './definition'
import { PostProcessing } from './post-process'
import { type ImageInputs, type ImageProcessorOptions, preprocess } from './preprocess'
import type { ImageProcessorConfig } from './settings'

/** An image processor: a function, with what Python's `BaseImageProcessor` has as methods and properties.
 * @example
 * const { pixel_values } = await processor(file) // a File, an <img>, a URL, …
 * pixel_values.shape // [1, 3, 224, 224]
 * await processor([photo, drawing], { doCenterCrop: false, size: 384 })
 * @throws {ImageDecodeError} when an image is broken, empty, or not this page's to read
 * @throws {ImageTooLargeError} when an image has more than 178,956,970 pixels
 * @throws {ImageProcessorError} when an option makes no sense, or the images of a batch end up with different sizes
 */
export type ImageProcessor = ImageProcessorMethods &
  ((images: ImageInputs, options?: ImageProcessorOptions) => Promise<ImageFeatures>)

export class ImageProcessorMethods extends PostProcessing {
  private constructor(protected override readonly parts: ImageProcessorParts) {
    super(parts)
  }

  /** The processor that is called. */
  static callable(parts: ImageProcessorParts): ImageProcessor {
    const methods = new ImageProcessorMethods(parts)
    const call = (images: ImageInputs, options?: ImageProcessorOptions) => preprocess(parts, images, options)
    return Object.setPrototypeOf(call, methods) as ImageProcessor
  }

  /** preprocessor_config.json with every default filled in. */
  get config(): ImageProcessorConfig {
    return this.parts.config
  }

  /** Python's class: `ViTImageProcessor`. */
  get imageProcessorType(): string {
    return this.parts.definition.name
  }

  /** The processor as files by path, as Python's `save_pretrained` writes them. */
  toFiles(): Record<string, Blob> {
    const { definition, config, written } = this.parts
    const floats = definition.floats?.map((key) => [key, new PythonFloat(0)]) ?? []
    const before = { ...written, ...Object.fromEntries(floats) }
    return { [CONFIG_FILE]: configFile({ ...config, image_processor_type: definition.name }, before) }
  }

  /**
   * Write the processor into a directory the user picked, into the browser (`'indexeddb://name'`) or as a download
   * (`'name.zip'`). Like `save_pretrained` in Python.
   * @example
   * await processor.savePretrained(await showDirectoryPicker({ mode: 'readwrite' })) // ['preprocessor_config.json']
   * @throws {PermissionError} @throws {StorageFullError} @throws {SaveError}
   */
  savePretrained(target: SaveTarget, options: SaveFilesOptions = {}): Promise<string[]> {
    return saveFiles(target, this.toFiles(), options)
  }

  /**
   * Upload the processor to a repository of the Hub. Like `push_to_hub` in Python.
   * @example
   * await processor.pushToHub('me/mine', { token })
   * @throws {PushToHubError}
   */
  pushToHub(repository: string, options: PushOptions = {}): Promise<Pushed> {
    const commitMessage = options.commitMessage ?? 'Upload image processor'
    return pushFiles(repository, this.toFiles(), { ...options, commitMessage }, async (name) =>
      modelCard({ repository: name, what: 'image processor', autoClass: 'AutoImageProcessor' }),
    )
  }
}
