/** @file What each head is trained on: the labels it takes, and the loss that Python's `forward` computes from them. */
import {
  arange,
  binaryCrossEntropyWithLogits,
  constant,
  crossEntropy,
  ctcLoss,
  type DType,
  GraphError,
  input,
  meanSquaredError,
  scalar,
  type Tensor,
} from '@webformers/graph'
import type { Head, Inputs } from './architecture'
import type { PretrainedConfig } from './configuration'
import { captionLoss, contrastiveLoss, sigmoidLoss } from './contrastive-loss'
import { type DetectionConfig, detectionLabels, detectionLoss } from './object-detection'
import { pixelLabels, pixelLoss } from './semantic-segmentation'
import { numbers } from './spatial'
import { speakerLoss } from './speaker-loss'
import type { WaveformConfig } from './waveform-configuration'
import { frameMask } from './waveform-features'

/** Labels with this value do not count. */
export const IGNORED_LABEL = -100

export interface LossOptions {
  /** How much of each label is spread evenly over the classes, as `label_smoothing_factor` in Python. */
  readonly labelSmoothing?: number
  /** `num_items_in_batch` of Python, a float scalar: what the summed loss is divided by in place of the number of labels that
   * count. Heads that don't accept it leave it out, and so does smoothing. */
  readonly count?: Tensor
  /** What the head read. */
  readonly inputs?: Inputs
}

/** Outputs of a head, by name. */
type HeadOutputs = Readonly<Record<string, unknown>>
type ProblemType = NonNullable<PretrainedConfig['problem_type']>

/**
 * What a classifier's labels are. Where the configuration doesn't say, Python goes by how many there are and by their dtype:
 * whole numbers name one class each.
 * @example problemType(config, 'float32') // 'multi_label_classification'
 */
export function problemType({ problem_type, num_labels }: PretrainedConfig, labels: DType): ProblemType {
  if (problem_type) return problem_type
  if (num_labels === 1) return 'regression'
  return labels === 'float32' ? 'multi_label_classification' : 'single_label_classification'
}

/**
 * The symbolic labels of a head, in the dimensions of what it gives.
 * @param labels the dtype of the labels there are, which tells apart what the configuration leaves open
 * @example
 * labelInputs('ForCausalLM', config, model(inputs)) // { labels: int32 ['batch', 'sequence'] }
 * labelInputs('ForQuestionAnswering', config, model(inputs)) // { start_positions: int32 ['batch'], end_positions: … }
 * labelInputs('Model', clip, model(inputs)) // {}: a text goes with the image at its own place
 * @throws {GraphError} when the head has no loss.
 */
export function labelInputs(
  head: Head,
  config: PretrainedConfig,
  outputs: HeadOutputs,
  labels: DType = 'int32',
): Inputs {
  if ('logits_per_text' in outputs) return {}
  if (detects(head)) {
    tensorOf(head, outputs, 'logits')
    if (!('class_cost' in config)) {
      throw new GraphError(
        `${config.model_type} has no loss, neither in Python: its configuration does not tell at what cost objects are matched ` +
          'with what it finds. Give a loss of your own.',
      )
    }
    return detectionLabels(outputs as Inputs)
  }
  if (head === 'ForSemanticSegmentation') return pixelLabels(tensorOf(head, outputs, 'logits'))
  if (head === 'ForQuestionAnswering' && !('logits' in outputs)) {
    const [batch] = tensorOf(head, outputs, 'start_logits').shape
    return { start_positions: input([batch!], 'int32'), end_positions: input([batch!], 'int32') }
  }
  const { shape } = tensorOf(head, outputs, 'logits')
  if (head === 'ForXVector') return { labels: input([shape[0]!], 'int32') }
  if (head === 'ForAudioFrameClassification') return { labels: input(shape, labels) }
  if (head === 'ForCTC') return { labels: input([shape[0]!, 'tokens'], 'int32') }
  const type = isClassifier(head) ? problemType(config, labels) : 'single_label_classification'
  if (type === 'single_label_classification') return { labels: input(shape.slice(0, -1), 'int32') }
  return { labels: input(type === 'regression' && config.num_labels === 1 ? shape.slice(0, -1) : shape) }
}

/**
 * The loss of a head as Python's `forward` computes it when it is given labels, a scalar. Of no labels that count it is NaN.
 * @param labels those that `labelInputs` gives
 * @example
 * const outputs = model(inputs)
 * const labels = labelInputs(head, config, outputs)
 * gradients(headLoss(head, config, outputs, labels), weights)
 * @throws {GraphError} when the head has no loss, or its labels are none that can be smoothed.
 */
export function headLoss(
  head: Head,
  config: PretrainedConfig,
  outputs: HeadOutputs,
  labels: Inputs,
  { labelSmoothing = 0, count, inputs = {} }: LossOptions = {},
): Tensor {
  if (detects(head)) return detectionLoss(config as DetectionConfig, outputs as Inputs, labels)
  if (head === 'ForSemanticSegmentation') {
    const auxiliary = outputs.auxiliary_logits as Tensor | undefined
    return pixelLoss(config, tensorOf(head, outputs, 'logits'), auxiliary, labels.labels!)
  }
  if ('logits_per_text' in outputs) {
    const logits = tensorOf(head, outputs, 'logits_per_text')
    if (config.model_type === 'clap') return captionLoss(logits, tensorOf(head, outputs, 'logits_per_audio'))
    return config.model_type === 'siglip' ? sigmoidLoss(logits) : contrastiveLoss(logits)
  }
  if (head === 'ForQuestionAnswering' && !('logits' in outputs)) {
    const [start, end] = (['start', 'end'] as const).map((edge) => {
      const logits = tensorOf(head, outputs, `${edge}_logits`)
      return crossEntropy(logits, placesWithin(logits, labels[`${edge}_positions`]!))
    })
    return start!.add(end!).div(2) // Trainer smooths what is called labels only
  }
  const [logits, given] = [tensorOf(head, outputs, 'logits'), labels.labels!]
  if (head === 'ForXVector') return speakerLoss(tensorOf(head, outputs, 'speaker_cosines'), given)
  if (head === 'ForAudioFrameClassification') return crossEntropy(logits, largestLabel(given))
  if (head === 'ForCTC') {
    if (labelSmoothing > 0)
      throw new GraphError(
        'Labels of ForCTC are texts, of which none can be smoothed; set the smoothing to 0.',
      )
    const c = config as unknown as WaveformConfig
    return ctcLoss(logits, frameMask(c, inputs.attention_mask!, logits), given, {
      blank: c.pad_token_id,
      reduction: c.ctc_loss_reduction,
      zeroInfinity: c.ctc_zero_infinity,
    })
  }
  const type = isClassifier(head) ? problemType(config, given.dtype) : 'single_label_classification'
  if (type === 'single_label_classification') {
    const counted = labelSmoothing === 0 && acceptsItemCount(head, config) ? count : undefined
    const next =
      NEXT.includes(config.model_type) ||
      (head === 'ForCausalLM' && (labelSmoothing > 0 || !AS_GIVEN.includes(config.model_type)))
    const target = next && !isClassifier(head) ? nextLabels(given) : given
    return crossEntropy(logits, target, {
      labelSmoothing: labelSmoothing || ownSmoothing(config),
      count: counted,
    })
  }
  if (labelSmoothing > 0) {
    throw new GraphError(
      `Label smoothing spreads a label over classes, but ${head} with problem_type "${type}" has labels that name none; ` +
        'set the smoothing to 0.',
    )
  }
  if (type === 'multi_label_classification') return binaryCrossEntropyWithLogits(logits, given)
  return meanSquaredError(config.num_labels === 1 ? logits.squeeze(-1) : logits, given)
}

/**
 * Whether the loss of a head is divided by `num_items_in_batch` where Python's Trainer passes it: then the losses of batches
 * that accumulate add up to one over all of their labels.
 * @example acceptsItemCount('ForCausalLM', config) // true
 */
export const acceptsItemCount = (head: Head, config: PretrainedConfig): boolean =>
  (head === 'ForCausalLM' && !AS_GIVEN.includes(config.model_type)) ||
  (problemType(config, 'int32') === 'single_label_classification' &&
    ((head === 'ForImageClassification' && !UNTOLD.includes(config.model_type)) ||
      (head === 'ForAudioClassification' && config.model_type === AST)))

/** Of those that classify images, those whose `forward` takes nothing more. */
const UNTOLD = ['clip', 'convnext', 'mobilenet_v2', 'resnet', 'segformer', 'swin']

/** Of those that classify sounds, the only one that is told. */
const AST = 'audio-spectrogram-transformer'

/** Decoders of these types, where they stand alone, hold their scores against the labels as they are, not one place on. Python's
 * Trainer moves labels that it smooths all the same. */
const AS_GIVEN = ['bart', 'marian', 'mbart']

/** What models of these types write is held against the labels one place on, whatever their head is called. */
const NEXT = ['blip', 'idefics3', 'smolvlm', 'vision-encoder-decoder']

/** How much the model itself spreads each label, which BLIP says of its texts. */
const ownSmoothing = (config: PretrainedConfig & { text_config?: { label_smoothing?: number } }): number =>
  config.text_config?.label_smoothing ?? 0

/** Heads whose labels are objects, which are matched with queries before. */
const detects = (head: Head) => head === 'ForObjectDetection' || head === 'ForSegmentation'

const isClassifier = (head: Head) =>
  head === 'ForSequenceClassification' ||
  head === 'ForImageClassification' ||
  head === 'ForAudioClassification'

function tensorOf(head: Head, outputs: HeadOutputs, name: string): Tensor {
  const found = outputs[name] as Tensor | undefined
  if (found) return found
  throw new GraphError(
    `${head} has no loss: it gives ${Object.keys(outputs).join(', ')}, but no ${name} that labels could be held against. ` +
      'Take a head such as ForSequenceClassification, or give a loss of your own.',
  )
}

/** Of labels [batch, frames, labels], several of which a frame may have, the place of the largest, the first of equals. */
function largestLabel(given: Tensor): Tensor {
  const values = given.cast('float32')
  const count = Number(values.shape[2])
  const behind = constant(numbers(count).reverse(), [count])
  const found = values
    .equal(values.max([2], { keepdims: true }))
    .where(behind, 0)
    .max([2])
  return found
    .neg()
    .add(count - 1)
    .cast('int32')
}

/** What each token is followed by in `labels` [batch, sequence]; nothing counts after the last. */
function nextLabels(labels: Tensor): Tensor {
  const positions = arange(String(labels.shape[1]))
  const last = positions.equal(positions.max([0]))
  const next = last.where(scalar(0, 'int32'), positions.add(1))
  return last.where(scalar(IGNORED_LABEL, 'int32'), labels.gather(next, 1))
}

/** `positions` [batch] of tokens in `logits` [batch, sequence]: those before the text are its first, those beyond it don't
 * count. */
function placesWithin(logits: Tensor, positions: Tensor): Tensor {
  const last = arange(String(logits.shape[1])).max([0])
  const started = positions.less(0).where(scalar(0, 'int32'), positions)
  return positions.greater(last).where(scalar(IGNORED_LABEL, 'int32'), started)
}

/** Models of these types are told `num_items_in_batch` whatever their head is, because their `forward` takes further arguments. */
const TOLD = [AST, 'gemma2', 'gemma3_text', 'llama', 'mistral', 'phi3', 'qwen2', 'qwen3', 'smollm3', 'vit']

/**
 * What a head makes of `num_items_in_batch`: it is not told (`'mean'`), it is and takes the mean all the same (`'ignored'`), or it
 * divides by that number, of labels as they are (`'labels'`) or shifted by one (`'shifted'`).
 * @example lossCount('ForCausalLM', config) // 'shifted'
 */
export function lossCount(head: Head, config: PretrainedConfig): 'mean' | 'ignored' | 'labels' | 'shifted' {
  if (acceptsItemCount(head, config)) return head === 'ForCausalLM' ? 'shifted' : 'labels'
  return TOLD.includes(config.model_type) ? 'ignored' : 'mean'
}
