/** @file What models give: tensors by Python's names, and the types that tell which head gives which. */

import type { Tensor as GraphTensor } from '@webformers/graph'
import type { PlainTensors } from '@webformers/runtime'
import type { PastKeyValues, Value } from './inputs'
import type { ImageObjects } from './objects'
import type { Tensor } from './tensor'

/** What every model gives when asked. */
export interface ModelOutput {
  /** The embeddings and each layer's output: layers + 1 tensors of [batch, sequence, hidden]. */
  hidden_states?: Tensor<'float32'>[]
  /** Each layer's attention maps: [batch, heads, sequence, sequence]. */
  attentions?: Tensor<'float32'>[]
  /** What the labels cost, a scalar; given to who gives labels. */
  loss?: Tensor<'float32'>
  /** Inner values by the paths that were asked for; a list where a module is called several times. */
  captured?: Record<string, Tensor | Tensor[]>
}
export interface BaseModelOutput extends ModelOutput {
  /** [batch, sequence, hidden] */
  last_hidden_state: Tensor<'float32'>
  /** [batch, hidden]; absent where the architecture has no pooler. */
  pooler_output?: Tensor<'float32'>
}
export interface LogitsOutput extends ModelOutput {
  /** [batch, sequence, vocabulary] of a masked language model, [batch, labels] of a sequence classifier,
   * [batch, sequence, labels] of a token classifier, [batch, choices] of multiple choice, [batch, labels] of an image
   * classifier. */
  logits: Tensor<'float32'>
}
export interface CausalLMOutput extends LogitsOutput {
  /** What the next call takes as its `past_key_values`; given by exported graphs that carry a cache. */
  past_key_values?: PastKeyValues
}
export interface Seq2SeqLMOutput extends CausalLMOutput {
  /** [batch, sequence, hidden] */
  encoder_last_hidden_state: Tensor<'float32'>
  /** The embeddings and each layer's output: layers + 1 tensors of [batch, sequence, hidden]. */
  encoder_hidden_states?: Tensor<'float32'>[]
  /** Each layer's attention maps: [batch, heads, sequence, sequence]. */
  encoder_attentions?: Tensor<'float32'>[]
  /** layers + 1 tensors of [batch, decoder sequence, hidden] */
  decoder_hidden_states?: Tensor<'float32'>[]
  /** Each layer's attention maps: [batch, heads, decoder sequence, decoder sequence]. */
  decoder_attentions?: Tensor<'float32'>[]
  /** Where each layer of the decoder looks in the encoder's text: [batch, heads, decoder sequence, sequence]. */
  cross_attentions?: Tensor<'float32'>[]
  hidden_states?: never
  attentions?: never
}
export interface QuestionAnsweringOutput extends ModelOutput {
  /** [batch, sequence] */
  start_logits: Tensor<'float32'>
  /** [batch, sequence] */
  end_logits: Tensor<'float32'>
}
/** The lists of a model with two towers. */
interface TowersOutput extends ModelOutput {
  /** Of each tower: layers + 1 tensors of [batch, tokens, hidden]. */
  text_hidden_states?: Tensor<'float32'>[]
  vision_hidden_states?: Tensor<'float32'>[]
  /** Of each tower: [batch, heads, tokens, tokens]. */
  text_attentions?: Tensor<'float32'>[]
  vision_attentions?: Tensor<'float32'>[]
  hidden_states?: never
  attentions?: never
}
/** What compares images with texts gives. */
export interface ContrastiveOutput extends TowersOutput {
  /** How well each image goes with each text: [images, texts]. */
  logits_per_image: Tensor<'float32'>
  /** [texts, images] */
  logits_per_text: Tensor<'float32'>
  /** Of unit length: [texts, size]. */
  text_embeds: Tensor<'float32'>
  /** Of unit length: [images, size]. */
  image_embeds: Tensor<'float32'>
}
export interface TextEmbedsOutput extends ModelOutput {
  /** [batch, size] */
  text_embeds: Tensor<'float32'>
  /** [batch, sequence, hidden] */
  last_hidden_state: Tensor<'float32'>
}
export interface ImageEmbedsOutput extends ModelOutput {
  /** [batch, size] */
  image_embeds: Tensor<'float32'>
  /** [batch, tokens, hidden] */
  last_hidden_state: Tensor<'float32'>
}
export interface BackboneOutput extends ModelOutput {
  /** Of each stage that `out_features` names: [batch, channels, rows, columns]. */
  feature_maps: Tensor<'float32'>[]
}

export interface ObjectDetectionOutput extends LogitsOutput {
  /** [batch, queries, 4]: centers and sizes of boxes, as parts of the image. */
  pred_boxes: Tensor<'float32'>
  /** [batch, queries, hidden]; of YOLOS all tokens. */
  last_hidden_state: Tensor<'float32'>
}
/** What detects things that texts name gives. */
export interface ZeroShotObjectDetectionOutput extends TowersOutput {
  /** [batch, patches, texts]: what each text has at each patch, before the sigmoid. */
  logits: Tensor<'float32'>
  /** OWLv2: [batch, patches], whether there is anything at all, before the sigmoid. */
  objectness_logits?: Tensor<'float32'>
  /** [batch, patches, 4]: centers and sizes of boxes, as parts of the image. */
  pred_boxes: Tensor<'float32'>
  /** [batch, texts, size] */
  text_embeds: Tensor<'float32'>
  /** [batch, rows, columns, hidden] */
  image_embeds: Tensor<'float32'>
  /** [batch, patches, size] */
  class_embeds: Tensor<'float32'>
}
/** What detects things that another image shows gives. */
export interface ImageGuidedDetectionOutput {
  /** [batch, patches, 1] */
  logits: Tensor<'float32'>
  /** [batch, patches, 4]: centers and sizes of boxes on the images, as parts of them. */
  target_pred_boxes: Tensor<'float32'>
  /** The same on those that show what is looked for. */
  query_pred_boxes: Tensor<'float32'>
  /** [batch, rows, columns, hidden] */
  image_embeds: Tensor<'float32'>
  query_image_embeds: Tensor<'float32'>
  /** [batch, patches, size] */
  class_embeds: Tensor<'float32'>
}
export interface SegmentationOutput extends ObjectDetectionOutput {
  /** [batch, queries, height, width], smaller than the image. */
  pred_masks: Tensor<'float32'>
}
export interface DepthEstimatorOutput extends ModelOutput {
  /** [batch, height, width] */
  predicted_depth: Tensor<'float32'>
}
export interface KeypointDetectionOutput extends ModelOutput {
  /** [batch, keypoints, 2]: x and y in parts of the image. */
  keypoints: Tensor<'float32'>
  /** [batch, keypoints] */
  scores: Tensor<'float32'>
  /** [batch, keypoints, size], of unit length. */
  descriptors: Tensor<'float32'>
  /** [batch, keypoints]: 1 where there is one, 0 where another image has more. */
  mask: Tensor<'int32'>
}
/** What tells speakers apart gives. */
export interface XVectorOutput extends LogitsOutput {
  /** [batch, xvector_output_dim] */
  embeddings: Tensor<'float32'>
}
export interface PoseEstimatorOutput extends ModelOutput {
  /** [bodies, keypoints, height, width]: where each keypoint is likely to be, a quarter of the model's image size. */
  heatmaps: Tensor<'float32'>
}
export interface MaskGenerationOutput extends ModelOutput {
  /** [batch, prompts, masks]: how well the model thinks that each mask fits. */
  iou_scores: Tensor<'float32'>
  /** [batch, prompts, masks, height, width]: logits, a quarter of the model's image size. */
  pred_masks: Tensor<'float32'>
}

export interface ForwardOptions {
  /** Also give `hidden_states`. Default: what the configuration says. */
  outputHiddenStates?: boolean
  /** Also give `attentions`. Default: what the configuration says. */
  outputAttentions?: boolean
  /** Also give `loss`, as Python's `forward` computes it: classes as whole numbers, -100 where none counts; float32 for regression
   * and for several labels at once. They may stand among the inputs, too, as `start_positions` and `end_positions` do. */
  labels?: Value | readonly ImageObjects[]
  /** Also give `loss` where it takes no labels: that each text goes with the image at its own place. Like `return_loss`. */
  returnLoss?: boolean
  /** Also give these values inside the model, by the paths of their modules: `encoder.layer.3.attention.self.query`. */
  capture?: readonly string[]
  /** What takes the place of values inside the model, by the paths of their modules. */
  patch?: Patches
  /** Images may be of another size than that which the model was made for: its positions are drawn larger or smaller. Like
   * `interpolate_pos_encoding`, for ViT, DeiT, CLIP, SigLIP, BLIP, OWL-ViT, OWLv2 and what writes about what they see; others take images of any size
   * as they are. */
  interpolatePosEncoding?: boolean
  /** `false`: SAM answers a prompt with one mask instead of three. Like `multimask_output`. */
  multimaskOutput?: boolean
  /** What the attention weights of each head are multiplied with, [heads] or [layers, heads]: 0 to do without it. Like `head_mask`. */
  headMask?: Value
  /** The same for the decoder's attention to itself. */
  decoderHeadMask?: Value
  /** The same for the decoder's attention to the encoder. */
  crossAttnHeadMask?: Value
  /** The same for each of two towers. */
  textHeadMask?: Value
  visionHeadMask?: Value
  audioHeadMask?: Value
  signal?: AbortSignal
}

/** Values of one's own, a list where a module is called several times and each call shall have another, or what becomes of the
 * model's, in terms of the graph; by the paths of modules. */
export type Patches = Readonly<
  Record<string, Tensor | readonly Tensor[] | ((value: GraphTensor) => GraphTensor)>
>

/** The lists of one kind that a model has. */
type Lists<O, Kind extends string> = {
  [N in keyof O as N extends Kind | `${string}_${Kind}`
    ? [O[N]] extends [undefined]
      ? never
      : N
    : never]-?: O[N]
}

/** The outputs of one call: what was asked for is there. */
export type Requested<O extends ModelOutput, F> = O &
  (F extends { outputHiddenStates: true } ? Lists<O, 'hidden_states'> : unknown) &
  (F extends { outputAttentions: true } ? Lists<O, 'attentions'> : unknown) &
  (F extends { labels: Value } | { returnLoss: true } ? { loss: Tensor<'float32'> } : unknown) &
  (F extends { capture: readonly string[] } ? { captured: Record<string, Tensor | Tensor[]> } : unknown)

/** Lists out of the names that a graph's flat outputs have: `hidden_states.0`, `hidden_states.1`, … */
export function gatherLists(flat: PlainTensors): Record<string, Tensor | Tensor[]> {
  const gathered: Record<string, Tensor | Tensor[]> = {}
  for (const [path, value] of Object.entries(flat)) {
    const [name, index] = path.split('.') as [string, string | undefined]
    if (index === undefined) gathered[name] = value
    else {
      gathered[name] ??= []
      ;(gathered[name] as Tensor[])[Number(index)] = value
    }
  }
  return gathered
}
