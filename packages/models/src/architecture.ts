/** @file What an architecture is: a configuration, the heads it has, and how its checkpoints spell names. */
import { input, type Module, type Outputs, type Tensor } from '@webformers/graph'
import type { Json, PretrainedConfig } from './configuration'
import type { Stack } from './heads'

/** What every text encoder reads: int32 ids and masks, whose last dimension is named `sequence` and gives the positions. */
export type TextInputs = Readonly<Record<'input_ids' | 'attention_mask' | 'token_type_ids', Tensor>>

/** The symbolic inputs of a head, by the names Python's `forward` gives them. */
export type Inputs = Readonly<Record<string, Tensor>>

/** A model: a function of symbolic inputs that carries its parameters. Which inputs, its architecture tells. */
export type Model = Module & ((inputs: never) => Outputs)

/** Whole numbers that follow from a parameter's shape and that Python saves beside it: by the end of the parameter's name, by the name that
 * each has in the same module. */
export type Tables = Readonly<Record<string, (shape: readonly number[]) => Readonly<Record<string, Table>>>>
export interface Table {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

/** The heads an architecture may have, named as the end of Python's class names; `Model` is the one without a head.
 * Methods, so that heads of a particular configuration are heads of any. */
export interface Heads<C> {
  /** Few have none, as Depth Anything. */
  Model?(config: C): Model
  ForMaskedLM?(config: C): Model
  ForSequenceClassification?(config: C): Model
  ForTokenClassification?(config: C): Model
  ForQuestionAnswering?(config: C): Model
  ForMultipleChoice?(config: C): Model
  /** GPT-2's is called GPT2LMHeadModel. */
  ForCausalLM?(config: C): Model
  /** From one sequence to another, as T5. */
  ForConditionalGeneration?(config: C): Model
  /** A score for each token at each frame of a sound, and for none, as Wav2Vec2. */
  ForCTC?(config: C): Model
  ForAudioClassification?(config: C): Model
  /** Labels of each frame of a sound. */
  ForAudioFrameClassification?(config: C): Model
  /** What tells speakers apart; Python's Auto class calls it by the other name. */
  ForXVector?(config: C): Model
  ForAudioXVector?(config: C): Model
  ForImageClassification?(config: C): Model
  /** Whether a text belongs to an image, as BLIP tells. */
  ForImageTextRetrieval?(config: C): Model
  /** DeiT's, whose second token learns from a teacher. */
  ForImageClassificationWithTeacher?(config: C): Model
  /** Classes and boxes of things, as DETR. */
  ForObjectDetection?(config: C): Model
  /** The same of what texts name; Python's own classes are called as those before. */
  ForZeroShotObjectDetection?(config: C): Model
  /** The same with masks; Python's Auto classes call it by the other names. */
  ForSegmentation?(config: C): Model
  ForImageSegmentation?(config: C): Model
  ForUniversalSegmentation?(config: C): Model
  ForInstanceSegmentation?(config: C): Model
  /** A class for each pixel. */
  ForSemanticSegmentation?(config: C): Model
  ForDepthEstimation?(config: C): Model
  /** Points of an image that are found again on others, as SuperPoint finds them. */
  ForKeypointDetection?(config: C): Model
  /** Where the keypoints of a body are likely to be, as ViTPose. */
  ForPoseEstimation?(config: C): Model
  /** SAM, which has no head. */
  ForMaskGeneration?(config: C): Model
  /** Feature maps of chosen layers, for others to build on. */
  Backbone?(config: C): Model
  /** Of what joins images or sounds with texts, a tower with the projection into the space they share. */
  ModelWithProjection?(config: C): Model
  /** Its towers by themselves, which are models of another `model_type`. */
  TextModel?(config: C): Model
  TextModelWithProjection?(config: C): Model
  VisionModel?(config: C): Model
  VisionModelWithProjection?(config: C): Model
  AudioModel?(config: C): Model
  AudioModelWithProjection?(config: C): Model
  /** The encoder of a model that goes from one sequence to another; of others it is the `Model`. */
  EncoderModel?(config: C): Model
}
export type Head = keyof Heads<PretrainedConfig>

/** The head that is meant: of a model that is an encoder, the encoder is the model. */
export const resolveHead = (
  { heads, otherHeads }: Pick<Architecture, 'heads' | 'otherHeads'>,
  head: Head,
): Head => otherHeads?.[head] ?? (head === 'EncoderModel' && !heads.EncoderModel ? 'Model' : head)

/** An older spelling: the end of a name as the module tree has it, and as the file may have it. */
export type Alias = readonly [current: string, old: string]

/** A part of a model that is a model by itself: where its configuration lies, and the `model_type` and the head that it is. */
export interface Part {
  readonly key: string
  readonly model_type: string
  readonly head: Head
}

/** A tensor with its numbers. */
export interface Values {
  readonly shape: readonly number[]
  readonly data: ArrayLike<number | bigint>
}
export interface FloatValues extends Values {
  readonly dtype: 'float32'
  readonly data: Float32Array<ArrayBuffer>
}
export interface IntValues extends Values {
  readonly dtype: 'int32'
  readonly data: Int32Array<ArrayBuffer>
}

/** What a model does of its own where it generates. */
export interface Generating {
  /** Keys of a generation's configuration, whatever else says of them. */
  readonly config: Json
  /** Whether prompts end with a token that is taken off, and begin with `bos_token_id`. */
  readonly closedPrompts?: boolean
  /** Whether what a decoder is given to begin with is not begun with `decoder_start_token_id`. */
  readonly decoderAsGiven?: boolean
}

/** All there is to know of a `model_type`: what its `modeling.ts` exports, and what a page registers for its own. */
export interface Architecture<C extends PretrainedConfig = PretrainedConfig> {
  /** `config.json` with the defaults filled in. */
  config(json: Json): C
  /** Under which name the heads hold the base model: `bert` in `bert.encoder.layer.0…`. */
  readonly base_model_prefix: string
  readonly heads: Heads<C>
  /** The symbolic inputs of a head, where they are not those of a text encoder.
   * @param given of those that `optional` names, what a call gives; where nobody says, what most calls do */
  inputs?(head: Head, config: C, given?: readonly string[]): Inputs
  /** Whether a graph is made for images of one size, which its configuration calls `image_size`, and another for each other size. */
  readonly sized?: boolean
  /** Inputs that a model reads only where a call gives them. */
  readonly optional?: readonly string[]
  /** What a model makes of an image before anything is asked about it, by the name of an output that a call may give in its place. */
  readonly seen?: { readonly from: string; readonly output: string }
  /** What becomes of what the graph gave for some inputs, where only its numbers tell how much there is. */
  settle?<T extends Values>(
    outputs: Readonly<Record<string, T>>,
    config: C,
    inputs: Readonly<Record<string, Values>>,
  ): Record<string, T | FloatValues | IntValues>
  /** Older spellings of parameter names. */
  readonly aliases?: readonly Alias[]
  /** Parameters that nobody trains and that are zero where a checkpoint lacks them, by the ends of their names: torch's buffers. */
  readonly buffers?: readonly string[]
  /** What Python saves among the weights though nothing is in it that their shapes don't tell. */
  readonly tables?: Tables
  /** Parameters that Python does not train, either, by their names. */
  readonly frozen?: RegExp
  /** How parameters begin that are not drawn at random where a checkpoint lacks them, by the ends of their names. */
  readonly initial?: Readonly<Record<string, Initial>>
  /** What a head changes in the configuration, as the constructor of Python's class does. */
  headConfig?(head: Head, config: C): Json
  /** The stack that the list called `attentions` is of, where the configuration does not tell. */
  readonly ownStack?: Stack
  /** Heads that are a part of this model by itself: under which key the configuration of that lies, and what it is there. */
  readonly parts?: Partial<Readonly<Record<Head, Part>>>
  /** Set where a decoder that is given no ids reads the encoder's, one place to the right: begun with `decoder_start_token_id`, or
   * with the last token of the text, which then begins its labels, too. */
  readonly decoderStart?: 'decoder_start_token_id' | 'last'
  /** Heads by the name that Python's Auto classes have for them, where its own class is called otherwise. */
  readonly otherHeads?: Partial<Readonly<Record<Head, Head>>>
  /** What `generate()` of Python's class does besides. */
  generating?(head: Head, config: C): Generating
  /** Set where a model generates as Whisper does: segment by segment, with times and languages among its tokens. */
  readonly generation?: 'speech'
}

/** A table of sines and cosines of positions, those of all frequencies beside each other. */
export type Initial = 'sinusoids'

/** Whether a parameter is a buffer. */
export const isBuffer = ({ buffers = [] }: Pick<Architecture, 'buffers'>, name: string): boolean =>
  buffers.some((end) => name === end || name.endsWith(`.${end}`))

/** How a parameter begins, where it is not drawn. */
export const initialOf = ({ initial = {} }: Pick<Architecture, 'initial'>, name: string) =>
  Object.entries(initial).find(([end]) => name === end || name.endsWith(`.${end}`))?.[1]

/** Whether training changes a parameter. */
export const isTrained = (architecture: Pick<Architecture, 'buffers' | 'frozen'>, name: string): boolean =>
  !isBuffer(architecture, name) && !architecture.frozen?.test(name)

/** The symbolic inputs of a head: [batch, sequence], and [batch, choices, sequence] for multiple choice. */
export function textInputs(head: Head): TextInputs {
  const shape = head === 'ForMultipleChoice' ? ['batch', 'choices', 'sequence'] : ['batch', 'sequence']
  return {
    input_ids: input(shape, 'int32'),
    attention_mask: input(shape, 'int32'),
    token_type_ids: input(shape, 'int32'),
  }
}

/** Choices laid beside the batch, as the base model reads them: [batch × choices, sequence]. */
export function flattenChoices({ input_ids, attention_mask, token_type_ids }: TextInputs): TextInputs {
  const flat = (x: Tensor) => x.reshape('batch*choices', 'sequence')
  return {
    input_ids: flat(input_ids),
    attention_mask: flat(attention_mask),
    token_type_ids: flat(token_type_ids),
  }
}
