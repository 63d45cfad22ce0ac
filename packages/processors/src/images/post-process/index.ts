/** @file An image processor's other half: from what a model gives to answers. Each verb is fetched when it is first used. */
import type { FeatureTensor } from '../../tensor'
import type { ImageProcessorDefinition, PostProcess } from '../definition'
import { ImageProcessorError } from '../errors'
import type { CocoBox } from '../person-boxes'
import type { ImageProcessorConfig } from '../settings'
import { exactSize } from '../sizes'
import type {
  Depth,
  DepthOutputs,
  Detection,
  DetectionOptions,
  DetectionOutputs,
  ImageGuidedDetection,
  ImageGuidedOptions,
  ImageGuidedOutputs,
  InstanceOptions,
  KeypointDetection,
  KeypointOutputs,
  MaskOptions,
  PanopticOptions,
  PoseEstimation,
  PoseOptions,
  PoseOutputs,
  Segmentation,
  SegmentationOutputs,
  SemanticOutputs,
  TargetOptions,
  TargetSize,
} from './outputs'

export type * from './outputs'

/** All reject with {@link ImageProcessorError} when the processor's class has no such verb, and when there is not one target
 * size for each image. */
export class PostProcessing {
  protected constructor(
    protected readonly parts: {
      readonly definition: ImageProcessorDefinition
      readonly config: ImageProcessorConfig
    },
  ) {}

  /** Whether Python's class has such a method: `processor.canPostProcess('PanopticSegmentation')`. */
  canPostProcess(verb: PostProcess): boolean {
    return this.parts.definition.postProcess?.includes(verb) ?? false
  }

  /** Boxes, labels and scores. Like `post_process_object_detection` in Python.
   * @example
   * const [found] = await processor.postProcessObjectDetection(outputs, { threshold: 0.9, targetSizes: [[480, 640]] })
   * found // { scores: [0.998], labels: [17], boxes: [[13.2, 52.1, 314.0, 470.9]] }
   */
  async postProcessObjectDetection(
    outputs: DetectionOutputs,
    options: DetectionOptions = {},
  ): Promise<Detection[]> {
    this.check('ObjectDetection')
    const { grounded } = this.parts.definition
    return grounded
      ? (await import('./grounded')).groundedDetection(outputs, options, grounded.square)
      : (await import('./object-detection')).objectDetection(outputs, options)
  }

  /** Boxes of what looks like another image, and scores. Like `post_process_image_guided_detection` in Python.
   * @example
   * const outputs = await model.imageGuidedDetection({ ...(await processor(photo)), query_pixel_values })
   * await processor.postProcessImageGuidedDetection(outputs, { threshold: 0.6, targetSizes: [[480, 640]] })
   * // [{ scores: [1], labels: null, boxes: [[334.8, 25.3, 636.2, 374.7]] }]
   */
  async postProcessImageGuidedDetection(
    outputs: ImageGuidedOutputs,
    options: ImageGuidedOptions = {},
  ): Promise<ImageGuidedDetection[]> {
    this.check('ImageGuidedDetection')
    const { square } = this.parts.definition.grounded!
    return (await import('./grounded')).imageGuidedDetection(outputs, options, square)
  }

  /** For each image a map [height, width] of labels. Like `post_process_semantic_segmentation` in Python.
   * @example
   * const [map] = await processor.postProcessSemanticSegmentation(outputs, { targetSizes: [[480, 640]] })
   * map // { dtype: 'int32', shape: [480, 640], data: Int32Array }
   */
  async postProcessSemanticSegmentation(
    outputs: SemanticOutputs,
    options: TargetOptions = {},
  ): Promise<FeatureTensor<'int32'>[]> {
    this.check('SemanticSegmentation')
    return (await import('./semantic')).semanticSegmentation(outputs, options)
  }

  /** For each image its segments, things apart from each other. Like `post_process_instance_segmentation` in Python. */
  async postProcessInstanceSegmentation(
    outputs: SegmentationOutputs,
    options: InstanceOptions = {},
  ): Promise<Segmentation[]> {
    this.check('InstanceSegmentation')
    return (await import('./segments')).instanceSegmentation(outputs, options)
  }

  /** For each image its segments, those of labels to be fused as one. Like `post_process_panoptic_segmentation` in Python.
   * @example
   * const [{ segmentation, segments_info }] = await processor.postProcessPanopticSegmentation(outputs, { targetSizes: [[480, 640]] })
   * segments_info // [{ id: 1, label_id: 17, was_fused: false, score: 0.994 }, …]
   */
  async postProcessPanopticSegmentation(
    outputs: SegmentationOutputs,
    options: PanopticOptions = {},
  ): Promise<Segmentation[]> {
    this.check('PanopticSegmentation')
    return (await import('./segments')).panopticSegmentation(outputs, options)
  }

  /** Depths at the size of the images. Like `post_process_depth_estimation` in Python. */
  async postProcessDepthEstimation(outputs: DepthOutputs, options: TargetOptions = {}): Promise<Depth[]> {
    this.check('DepthEstimation')
    return (await import('./depth')).depthEstimation(outputs, options)
  }

  /** For each image and each of its boxes the keypoints of the body in it. Like `post_process_pose_estimation` in Python.
   * @example
   * const boxes = [[[412.8, 157.6, 53.1, 138.0]]] // for each image as COCO has them: left, top, width, height
   * const outputs = await model(await processor(photo, { boxes }))
   * const [[body]] = await processor.postProcessPoseEstimation(outputs, boxes, { threshold: 0.3 })
   * body // { keypoints: [[430.2, 172.5], …], scores: [0.91, …], labels: [0, …], bbox: […] }
   * @throws {ImageProcessorError} when there is not one box for each body
   */
  async postProcessPoseEstimation(
    outputs: PoseOutputs,
    boxes: readonly (readonly CocoBox[])[],
    options: PoseOptions = {},
  ): Promise<PoseEstimation[][]> {
    this.check('PoseEstimation')
    const size = exactSize(this.parts.config.size!)
    return (await import('./pose')).poseEstimation(outputs, boxes, options, size)
  }

  /** The keypoints of each image, in its pixels. Like `post_process_keypoint_detection` in Python.
   * @example
   * const outputs = await model(await processor(photo))
   * const [found] = await processor.postProcessKeypointDetection(outputs, { targetSizes: [[480, 640]] })
   * found // { keypoints: [[123, 45], …], scores: [0.07, …], descriptors: { shape: [812, 256], … } }
   */
  async postProcessKeypointDetection(
    outputs: KeypointOutputs,
    options: { readonly targetSizes: readonly TargetSize[] },
  ): Promise<KeypointDetection[]> {
    this.check('KeypointDetection')
    return (await import('./keypoints')).keypointDetection(outputs, options.targetSizes)
  }

  /** For each image its masks [prompts, masks, height, width], of the image's size. Like `post_process_masks` in Python.
   * @example
   * const { original_sizes, reshaped_input_sizes, ...inputs } = await processor(image, { … })
   * const { pred_masks } = await model(inputs)
   * await processor.postProcessMasks(pred_masks, { originalSizes: original_sizes, reshapedInputSizes: reshaped_input_sizes })
   */
  async postProcessMasks(
    predMasks: FeatureTensor<'float32'>,
    options: MaskOptions,
  ): Promise<FeatureTensor<'bool' | 'float32'>[]> {
    this.check('Masks')
    const padded = exactSize(this.parts.config.pad_size!, 'pad_size')
    return (await import('./masks')).masks(predMasks, padded, options)
  }

  private check(verb: PostProcess): void {
    if (this.canPostProcess(verb)) return
    const { name, postProcess = [] } = this.parts.definition
    const known = postProcess.map((each) => `postProcess${each}`).join(', ') || 'none'
    throw new ImageProcessorError(`${name} has no postProcess${verb}. It has: ${known}.`)
  }
}
