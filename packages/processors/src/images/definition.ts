/** @file What an image processor's class is: its defaults, and what it makes of images. */
import type { Json } from '../config-file'
import type { FeatureTensor } from '../tensor'
import type { Annotation, DetectionLabels, PanopticAnnotation } from './annotations'
import type { ImageInput, LoadedImage } from './decode'
import type { Layout } from './layout'
import type { CocoBox } from './person-boxes'
import type { ImageProcessorConfig } from './settings'
import type { Size, SizeDict, SizeLike } from './sizes'

/** What a processor gives: tensors by the names that the model's `forward` has for them. */
export interface ImageFeatures {
  /** [images, 3, height, width]; of ViTPose as many as there are boxes; of Idefics3 and SmolVLM [samples, images, 3, height, width], of Qwen2-VL [patches, values]. */
  pixel_values: FeatureTensor<'float32'>
  /** DETR: [images, height, width], 1 where the image is, 0 where it was padded. */
  pixel_mask?: FeatureTensor<'int32'>
  /** Idefics3 and SmolVLM: [samples, images, height, width], the same. */
  pixel_attention_mask?: FeatureTensor<'int32'>
  /** SAM: [images, 2], height and width as they came. */
  original_sizes?: FeatureTensor<'int32'>
  /** SAM: [images, 2], height and width before padding. */
  reshaped_input_sizes?: FeatureTensor<'int32'>
  /** Qwen2-VL: [images, 3], the patches in time, down and across. */
  image_grid_thw?: FeatureTensor<'int32'>
  /** Of label maps [images, height, width], of annotations for each image what its boxes are. */
  labels?: FeatureTensor<'int32'> | DetectionLabels[]
  /** Idefics3 and SmolVLM, if asked for: for each sample and image how many rows and columns it was split into. */
  rows?: number[][]
  cols?: number[][]
}

type ImageAnnotation = Annotation | PanopticAnnotation

/** What a call gives besides images and settings. */
export interface PreprocessOptions {
  /** What each pixel is: numbers of labels, in the first channel. */
  segmentationMaps?: ImageInput | readonly ImageInput[]
  /** DETR and YOLOS: what is on each image, as COCO has it; with the format `coco_panoptic` its segments. */
  annotations?: ImageAnnotation | readonly ImageAnnotation[]
  /** DETR and YOLOS: also give the masks of annotated objects. Default: only of segments. */
  returnSegmentationMasks?: boolean
  /** Where the maps of segments lie: the address of a folder, or images by their file names. */
  masksPath?: string | URL | Readonly<Record<string, ImageInput>>
  /** ViTPose: for each image the boxes of bodies on it, as COCO has them: left, top, width and height in pixels. */
  boxes?: readonly (readonly CocoBox[])[]
  /** Idefics3 and SmolVLM: also give `rows` and `cols`. */
  returnRowColInfo?: boolean
  signal?: AbortSignal
}

/** Verbs that turn a model's outputs into answers, as far as a class has them. */
export type PostProcess =
  | 'ObjectDetection'
  | 'ImageGuidedDetection'
  | 'SemanticSegmentation'
  | 'InstanceSegmentation'
  | 'PanopticSegmentation'
  | 'DepthEstimation'
  | 'PoseEstimation'
  | 'KeypointDetection'
  | 'Masks'

export interface ImageProcessorDefinition {
  /** Python's class. */
  readonly name: string
  /** What its `__init__` fills in. */
  readonly defaults: ImageProcessorConfig
  /** `size` with its keys; older files have numbers and lists. Default: a number is both sides. */
  size?(size: SizeLike, config: Readonly<Record<string, unknown>>): SizeDict
  /** The configuration in today's spelling. */
  settle?(config: ImageProcessorConfig & Record<string, unknown>): ImageProcessorConfig
  /** What becomes of an image, for classes that do one thing after another. */
  layout(image: Size, config: ImageProcessorConfig): Layout
  /** What a class makes of images, where that is not one image after another. */
  preprocess?(
    samples: readonly (readonly LoadedImage[])[],
    config: ImageProcessorConfig,
    options: PreprocessOptions & { annotations?: readonly ImageAnnotation[] },
  ): Promise<ImageFeatures>
  /** Whether it takes label maps. */
  readonly segmentationMaps?: boolean
  /** Whether it takes annotations of objects. */
  readonly annotations?: boolean
  /** Whether it takes boxes of bodies. */
  readonly boxes?: boolean
  /** Keys whose numbers Python has as floats, also where they are whole. */
  readonly floats?: readonly string[]
  /** Of models that are told what to detect, whose scores are each for itself: whether boxes are parts of the image made square. */
  readonly grounded?: { readonly square: boolean }
  readonly postProcess?: readonly PostProcess[]
}

/** What a processor is made of. */
export interface ImageProcessorParts {
  readonly definition: ImageProcessorDefinition
  readonly config: ImageProcessorConfig
  /** The file's own values, which tell 1.0 from 1. */
  readonly written: Json
}
