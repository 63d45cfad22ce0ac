/** @file What an architecture is: a configuration, the heads it has, and how its checkpoints spell names. */
import { input, type Module, type Outputs, type Tensor } from '@webformers/graph'
import type { Json, PretrainedConfig } from './configuration'

/** What every text encoder reads: int32 ids and masks, whose last dimension is named `sequence` and gives the positions. */
export type TextInputs = Readonly<Record<'input_ids' | 'attention_mask' | 'token_type_ids', Tensor>>

/** The symbolic inputs of a head, by the names Python's `forward` gives them. */
export type Inputs = Readonly<Record<string, Tensor>>

/** A model: a function of symbolic inputs that carries its parameters. Which inputs, its architecture tells. */
export type Model = Module & ((inputs: never) => Outputs)

/** The heads an architecture may have, named as the end of Python's class names; `Model` is the one without a head.
 * Methods, so that heads of a particular configuration are heads of any. */
export interface Heads<C> {
  Model(config: C): Model
  ForMaskedLM?(config: C): Model
  ForSequenceClassification?(config: C): Model
  ForTokenClassification?(config: C): Model
  ForQuestionAnswering?(config: C): Model
  ForMultipleChoice?(config: C): Model
  /** GPT-2's is called GPT2LMHeadModel. */
  ForCausalLM?(config: C): Model
  /** From one sequence to another, as T5. */
  ForConditionalGeneration?(config: C): Model
  ForImageClassification?(config: C): Model
  /** The encoder of a model that goes from one sequence to another; of others it is the `Model`. */
  EncoderModel?(config: C): Model
}
export type Head = keyof Heads<PretrainedConfig>

/** The head that is meant: of a model that is an encoder, the encoder is the model. */
export const resolveHead = ({ heads }: Pick<Architecture, 'heads'>, head: Head): Head =>
  head === 'EncoderModel' && !heads.EncoderModel ? 'Model' : head

/** An older spelling: the end of a name as the module tree has it, and as the file may have it. */
export type Alias = readonly [current: string, old: string]

/** All there is to know of a `model_type`: what its `modeling.ts` exports, and what a page registers for its own. */
export interface Architecture<C extends PretrainedConfig = PretrainedConfig> {
  /** `config.json` with the defaults filled in. */
  config(json: Json): C
  /** Under which name the heads hold the base model: `bert` in `bert.encoder.layer.0…`. */
  readonly base_model_prefix: string
  readonly heads: Heads<C>
  /** The symbolic inputs of a head, where they are not those of a text encoder. */
  inputs?(head: Head, config: C): Inputs
  /** Older spellings of parameter names. */
  readonly aliases?: readonly Alias[]
  /** Parameters that nobody trains and that are zero where a checkpoint lacks them, by the ends of their names: torch's buffers. */
  readonly buffers?: readonly string[]
  /** What a head changes in the configuration, as the constructor of Python's class does. */
  headConfig?(head: Head, config: C): Json
  /** Set where a decoder that is given no ids reads the encoder's, one place to the right: begun with `decoder_start_token_id`, or
   * with the last token of the text, which then begins its labels, too. */
  readonly decoderStart?: 'decoder_start_token_id' | 'last'
}

/** Whether a parameter is a buffer. */
export const isBuffer = ({ buffers = [] }: Pick<Architecture, 'buffers'>, name: string): boolean =>
  buffers.some((end) => name === end || name.endsWith(`.${end}`))

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
