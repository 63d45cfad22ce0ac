/** @file `text2text-generation` and its kin: an encoder reads a text, a decoder writes another. */
import type { CallOptions } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import { warnOnce } from '../generation/validation'
import { type GeneratedRow, generateRows, type PromptRow } from './generate-rows'
import {
  endingWith,
  type GenerationOptions,
  inForce,
  type Settled,
  settleGeneration,
  withoutLoading,
} from './generation-options'
import { type Context, defineTask, type TaskDefinition } from './task'
import { streamText } from './text-stream'

/** The options of these tasks that are not those of `generate()`. */
export interface Text2TextOwnOptions {
  /** Give the tokens, and no text. */
  returnTensors?: boolean
  /** Take out the spaces before punctuation. Default: `false`. */
  cleanUpTokenizationSpaces?: boolean
  /** Cut texts that are longer than the tokenizer's `model_max_length`. Default: `false`. */
  truncation?: CallOptions['truncation']
  /** Its first token ends the text; see `stopStrings` for all of it. */
  stopSequence?: string
}

export interface Text2TextGenerationOptions extends GenerationOptions, Text2TextOwnOptions {}

type AnswerAs<Name extends string, O> = O extends { returnTensors: true }
  ? Record<`${Name}_token_ids`, number[]>
  : Record<`${Name}_text`, string>
type Several<O> = O extends { numReturnSequences: infer N } ? (N extends 1 ? false : true) : false

/** A list of `numReturnSequences` answers to one text; a list of texts gives an answer to each, or with several to each a list. */
export interface TextToText<Name extends string, O, Options> {
  input: string
  options: Options
  one: AnswerAs<Name, O>[]
  many: Several<O> extends true ? AnswerAs<Name, O>[][] : AnswerAs<Name, O>[]
}
export type Text2TextGeneration<O> = TextToText<'generated', O, Text2TextGenerationOptions>
export type Summarization<O> = TextToText<'summary', O, Text2TextGenerationOptions>

export interface GeneratedSummary {
  summary_text: string
}

/** What sets one of these tasks apart. */
export interface Kind<Own extends Text2TextOwnOptions> {
  readonly name: string
  readonly standard: { readonly source: string; readonly revision: string } | undefined
  readonly ownOptions: readonly (keyof Own & string)[]
  /** The name under which a model's configuration has its ways for the task. */
  taskOf?(context: Context): string
  /** What the task sets besides, such as the language that an answer begins with. */
  further?(own: Own, context: Context): GenerationOptions
  /** What is done before a text is encoded. */
  prepare?(own: Own, context: Context): void
  /** Told of the lengths before a generation. */
  check?(length: number, minLength: number, maxLength: number): void
}

export const OWN = [
  'returnTensors',
  'cleanUpTokenizationSpaces',
  'truncation',
  'stopSequence',
] as const satisfies readonly (keyof Text2TextOwnOptions)[]

/** How texts are written where neither the call nor the model says otherwise. */
const standard = { max_new_tokens: 256, num_beams: 4 }

type Answer = Record<string, string | number[]>

export function textToText<Own extends Text2TextOwnOptions>(
  kind: Kind<Own>,
): TaskDefinition<
  string,
  Own & GenerationOptions,
  Settled<Own>,
  Answer[],
  PromptRow,
  GeneratedRow<PromptRow>
> {
  const prepare = async (
    text: string,
    { own, prefix }: Settled<Own>,
    context: Context,
  ): Promise<PromptRow[]> => {
    const { tokenizer, signal } = context
    kind.prepare?.(own, context)
    const { truncation } = own
    const { input_ids } = await tokenizer.callAsync([prefix + text], { truncation, signal })
    return [{ ids: input_ids[0]! }]
  }
  return defineTask({
    head: 'ForConditionalGeneration',
    outputs: ['logits'],
    standard: kind.standard,
    among: withoutLoading,
    async settle(given: Own & GenerationOptions, context): Promise<Settled<Own>> {
      const task = kind.taskOf?.(context)
      const call = await settleGeneration<Own>(given, kind.ownOptions, standard, context, task)
      const whole = { ...call, options: { ...kind.further?.(call.own, context), ...call.options } }
      return endingWith(whole, call.own.stopSequence, context, 1)
    },
    prepare,
    run(rows: readonly PromptRow[], call, context) {
      const length = Math.max(...rows.map(({ ids }) => ids.length))
      kind.check?.(length, inForce(call, 'min_length') ?? 0, inForce(call, 'max_length') ?? Infinity)
      return generateRows(rows, 'encoder', call, context)
    },
    answer: ([generated], { own }, { tokenizer }) =>
      generated!.sequences.map((ids): Answer => {
        const { returnTensors, cleanUpTokenizationSpaces = false } = own
        if (returnTensors) return { [`${kind.name}_token_ids`]: [...ids] }
        const text = tokenizer.decode(ids, { skipSpecialTokens: true, cleanUpTokenizationSpaces })
        return { [`${kind.name}_text`]: text }
      }),
    together: (answers) => (answers.every(({ length }) => length === 1) ? answers.flat() : answers),
    async *stream(text: string, call, context) {
      const { returnTensors, cleanUpTokenizationSpaces = false } = call.own
      if (returnTensors)
        throw new OptionError(
          'The pipeline streams texts. For tokens see model.stream(), or leave out returnTensors.',
        )
      const [row] = await prepare(text, call, context)
      yield* streamText(
        { row: row!, call, skipSpecialTokens: true, cleanUpTokenizationSpaces, goesOn: false },
        context,
      )
    },
  })
}

export const text2textGeneration = () =>
  textToText<Text2TextOwnOptions>({
    name: 'generated',
    standard: { source: 'google-t5/t5-base', revision: 'a9723ea' },
    ownOptions: OWN,
  })

export const summarization = () =>
  textToText<Text2TextOwnOptions>({
    name: 'summary',
    standard: { source: 'sshleifer/distilbart-cnn-12-6', revision: 'a4f8f3e' },
    ownOptions: OWN,
    check(length, minLength, maxLength) {
      if (maxLength < minLength) warnOnce(`minLength is ${minLength}, but maxLength only ${maxLength}.`)
      if (length < maxLength)
        warnOnce(
          `maxLength is ${maxLength}, but the text has only ${length} tokens, and summaries are shorter than their texts. ${Math.floor(length / 2)} may do.`,
        )
    },
  })
