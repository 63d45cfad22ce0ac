/** @file What models give that is turned into answers, and what the answers look like. */
import type { FeatureTensor } from '../../tensor'

/** Height and width. */
export type TargetSize = readonly [height: number, width: number]

export interface TargetOptions {
  /** The sizes of the images as they came, one for each; without them answers have the size of the model's output. */
  targetSizes?: readonly TargetSize[]
  signal?: AbortSignal
}

export interface DetectionOutputs {
  /** [images, queries, labels + 1], of OWL-ViT and OWLv2 [images, patches, texts]. */
  logits: FeatureTensor<'float32'>
  /** [images, queries, 4]: centers and sizes, in parts of the image. */
  pred_boxes: FeatureTensor<'float32'>
}
export interface DetectionOptions extends Pick<TargetOptions, 'targetSizes'> {
  /** Scores have to be above it. Default: 0.5, of OWL-ViT and OWLv2 0.1. */
  threshold?: number
}
/** What was found on one image. */
export interface Detection {
  scores: number[]
  labels: number[]
  /** Corners: left, top, right, bottom; in pixels where target sizes are given, else in parts of the image. */
  boxes: [number, number, number, number][]
}

export interface ImageGuidedOutputs {
  /** [images, patches, queries] */
  logits: FeatureTensor<'float32'>
  /** [images, patches, 4]: centers and sizes, in parts of the image. */
  target_pred_boxes: FeatureTensor<'float32'>
}
export interface ImageGuidedOptions extends Pick<TargetOptions, 'targetSizes'> {
  /** Scores have to reach it. Default: 0. */
  threshold?: number
  /** How much of what two boxes cover they may have in common before the worse one goes. Default: 0.3. */
  nmsThreshold?: number
}
/** What looks alike on one image: scores from 0 to 1, the best 1, without labels. */
export interface ImageGuidedDetection extends Pick<Detection, 'scores' | 'boxes'> {
  labels: null
}

export interface SemanticOutputs {
  /** [images, labels, height, width], or of DETR [images, queries, labels + 1]. */
  logits: FeatureTensor<'float32'>
  /** DETR: [images, queries, height, width]. */
  pred_masks?: FeatureTensor<'float32'>
}

export interface SegmentationOutputs {
  /** [images, queries, labels + 1] */
  logits: FeatureTensor<'float32'>
  /** [images, queries, height, width] */
  pred_masks: FeatureTensor<'float32'>
}
export interface InstanceOptions extends TargetOptions {
  /** Scores have to be above it. Default: 0.5. */
  threshold?: number
  /** From which probability on a pixel belongs to a mask. Default: 0.5. */
  maskThreshold?: number
  /** How much of a mask others have to leave it. Default: 0.8. */
  overlapMaskAreaThreshold?: number
}
export interface PanopticOptions extends InstanceOptions {
  /** Labels whose segments are one, however many were found. Default: none. */
  labelIdsToFuse?: Iterable<number>
}
/** The segments of one image. */
export interface Segmentation {
  /** [height, width]: for each pixel the `id` of its segment, 0 for none; -1 everywhere where there is no segment at all. */
  segmentation: FeatureTensor<'int32'>
  segments_info: { id: number; label_id: number; was_fused: boolean; score: number }[]
}

export interface DepthOutputs {
  /** [images, height, width] */
  predicted_depth: FeatureTensor<'float32'>
}
/** The depth of one image: [height, width]. */
export interface Depth {
  predicted_depth: FeatureTensor<'float32'>
}

export interface PoseOutputs {
  /** [bodies, keypoints, height, width] */
  heatmaps: FeatureTensor<'float32'>
}
export interface PoseOptions {
  /** How many pixels of a heatmap are blurred together. Default: 11, for a model that learned from bells of two pixels. */
  kernelSize?: number
  /** Scores have to be above it. Default: all keypoints are given. */
  threshold?: number
  /** For boxes in parts of their images: for each box what its left edge and width are multiplied with, and its top edge and height. */
  targetSizes?: readonly (readonly [x: number, y: number])[]
  signal?: AbortSignal
}
/** The keypoints of one body. */
export interface PoseEstimation {
  /** x and y in pixels of the image. */
  keypoints: [x: number, y: number][]
  scores: number[]
  /** Which keypoints these are, by their places among the model's. */
  labels: number[]
  /** What was looked at, as Python gives it: the middle, and corners counted from there. */
  bbox: [number, number, number, number]
}

export interface KeypointOutputs {
  /** [images, keypoints, 2]: x and y in parts of the image. */
  keypoints: FeatureTensor<'float32'>
  /** [images, keypoints] */
  scores: FeatureTensor<'float32'>
  /** [images, keypoints, size] */
  descriptors: FeatureTensor<'float32'>
  /** [images, keypoints]: 1 where there is one, 0 where another image has more. */
  mask: FeatureTensor<'int32'>
}
/** What was found on one image. */
export interface KeypointDetection {
  /** Whole pixels of the image. */
  keypoints: [x: number, y: number][]
  scores: number[]
  /** [keypoints, size] */
  descriptors: FeatureTensor<'float32'>
}

type Sizes = FeatureTensor<'int32'> | readonly TargetSize[]
export interface MaskOptions {
  /** What the processor gave: height and width of each image as it came. */
  originalSizes: Sizes
  /** What the processor gave: height and width of each image before padding. */
  reshapedInputSizes: Sizes
  /** Logits above it are in the mask. Default: 0. */
  maskThreshold?: number
  /** `false` gives logits. Default: `true`. */
  binarize?: boolean
  signal?: AbortSignal
}
