/** @file `text-generation`: what comes after a text, or the answer in a chat. */
import { InputError } from '@webformers/runtime'
import type { CallOptions, ChatTemplateOptions } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import { type Chat, type ChatMessage, isChat } from './chat'
import { type GeneratedRow, generateRows, type PromptRow } from './generate-rows'
import {
  endingWith,
  type GenerationOptions,
  type Settled,
  settleGeneration,
  withoutLoading,
} from './generation-options'
import { type Context, defineTask } from './task'
import { streamText } from './text-stream'
import { markers, parseToolCalls } from './tool-calls'

/** The task's own options. */
interface OwnOptions {
  /** Give the prompt and what follows, of a chat all its messages; else what follows alone, as text. Default: `true`. */
  returnFullText?: boolean
  /** Give `generated_token_ids`, the prompt's included, and no text. */
  returnTensors?: boolean
  /** Take out the spaces before punctuation. Default: `true`. */
  cleanUpTokenizationSpaces?: boolean
  /** Default: `true`. */
  skipSpecialTokens?: boolean
  /** Stands before each prompt, and is not part of the answer. */
  prefix?: string
  /** `'hole'` cuts off the beginning of a prompt that leaves no room for the answer. */
  handleLongGeneration?: 'hole'
  /** Any of its tokens ends the text; see `stopStrings` for all of it. */
  stopSequence?: string
  truncation?: CallOptions['truncation']
  /** Put the model's special tokens around a text. Default: as the tokenizer does. */
  addSpecialTokens?: boolean
  /** Go on with a chat's last message. Default: whether it is the assistant's. */
  continueFinalMessage?: boolean
  /** JSON schemas of functions for a chat; calls of them are taken out of the answer, into `tool_calls`. */
  tools?: readonly object[]
  /** For retrieval, for chat templates that read them: such as `{ title, text }`. */
  documents?: readonly object[]
  /** Give, beside the text, what `outputScores` and `outputLogits` ask for. */
  returnDictInGenerate?: boolean
  /** Further options of the tokenizer's call, of a chat those of `applyChatTemplate`, such as `{ enable_thinking: false }`. */
  tokenizerEncodeKwargs?: CallOptions & ChatTemplateOptions
}

const OWN = [
  'returnFullText',
  'returnTensors',
  'cleanUpTokenizationSpaces',
  'skipSpecialTokens',
  'prefix',
  'handleLongGeneration',
  'stopSequence',
  'truncation',
  'addSpecialTokens',
  'continueFinalMessage',
  'tools',
  'documents',
  'returnDictInGenerate',
  'tokenizerEncodeKwargs',
] as const satisfies readonly (keyof OwnOptions)[]

export interface TextGenerationOptions extends GenerationOptions, OwnOptions {}

/** What `returnDictInGenerate` gives beside a text. */
interface FurtherOutputs {
  /** For each step the scores of all tokens; of beams where each is given. */
  scores?: number[][]
  logits?: number[][]
  /** Of the one sequence that is given. */
  sequences_scores?: number[]
  beam_indices?: number[][]
}
export interface GeneratedText extends FurtherOutputs {
  generated_text: string
}
export interface GeneratedChat extends FurtherOutputs {
  generated_text: ChatMessage[]
}
export interface GeneratedTokens {
  generated_token_ids: number[]
}

type AnswerTo<O, I> = O extends { returnTensors: true }
  ? GeneratedTokens
  : I extends string
    ? GeneratedText
    : O extends { returnFullText: false }
      ? GeneratedText
      : GeneratedChat

/** A list of `numReturnSequences` answers, of which there is one by default; for a list of prompts a list of such lists. */
export interface TextGeneration<O, I> {
  input: string | Chat
  options: TextGenerationOptions
  one: AnswerTo<O, I>[]
  many: AnswerTo<O, I>[][]
}

interface Prompt extends PromptRow {
  readonly input: string | Chat
}

/** How text is generated where neither the call nor the model says otherwise. */
const standard = { max_new_tokens: 256, do_sample: true, temperature: 0.7 }

const prepare = async (
  input: string | Chat,
  call: Settled<OwnOptions>,
  context: Context,
): Promise<Prompt[]> => [{ input, ids: withRoom(await idsOf(input, call, context), call, context) }]

export const textGeneration = () =>
  defineTask({
    head: 'ForCausalLM',
    outputs: ['logits'],
    standard: { source: 'openai-community/gpt2', revision: '607a30d' },
    among: withoutLoading,
    isOne: isChat,
    async settle(given: TextGenerationOptions, context): Promise<Settled<OwnOptions>> {
      const call = await settleGeneration<OwnOptions>(given, OWN, standard, context)
      const { own, options } = call
      if (own.returnFullText !== undefined && own.returnTensors)
        throw new OptionError(
          'returnFullText is about texts, but returnTensors asks for none. Give one of them.',
        )
      if (own.handleLongGeneration !== undefined && own.handleLongGeneration !== 'hole')
        throw new OptionError(
          `handleLongGeneration is ${JSON.stringify(own.handleLongGeneration)}, expected "hole".`,
        )
      const prefix = own.prefix ?? call.prefix
      const longer = { ...call, prefix, options: { ...options, ...longerBy(prefix, call, context) } }
      return endingWith(longer, own.stopSequence, context, Infinity)
    },
    prepare,
    async run(rows: readonly Prompt[], call, context) {
      if (!call.own.returnDictInGenerate) return generateRows(rows, 'decoder', call, context)
      const found: GeneratedRow<Prompt>[] = []
      for (const row of rows) found.push(...(await generateRows([row], 'decoder', call, context, true)))
      return found
    },
    answer: ([generated], call, context) =>
      generated!.sequences.map((ids, i) => {
        const answer = answerOf(generated!, ids, call, context)
        return 'generated_text' in answer ? { ...answer, ...outputsOf(generated!, i) } : answer
      }),
    async *stream(input: string | Chat, call, context) {
      const [row] = await prepare(input, call, context)
      const { skipSpecialTokens = true, cleanUpTokenizationSpaces = true, returnTensors } = call.own
      if (returnTensors)
        throw new OptionError(
          'The pipeline streams texts. For tokens see model.stream(), or leave out returnTensors.',
        )
      yield* streamText(
        { row: row!, call, skipSpecialTokens, cleanUpTokenizationSpaces, goesOn: true },
        context,
      )
    },
  })

/** What a prefix adds to lengths that count the prompt. */
function longerBy(prefix: string, call: Settled<OwnOptions>, { tokenizer }: Context): GenerationOptions {
  if (prefix === '') return {}
  const { addSpecialTokens = false } = call.own
  const { length } = tokenizer.encode(prefix, { addSpecialTokens })
  const { max_new_tokens, min_new_tokens, max_length, min_length } = call.values
  const most = max_length ?? call.config.max_length
  return {
    ...((max_new_tokens ?? null) === null && most !== null && { maxLength: most + length }),
    ...((min_new_tokens ?? null) === null &&
      typeof min_length === 'number' && { minLength: min_length + length }),
  }
}

async function idsOf(
  input: string | Chat,
  { own, values, prefix }: Settled<OwnOptions>,
  { tokenizer, signal }: Context,
): Promise<readonly number[]> {
  const { truncation, addSpecialTokens, tools, documents, tokenizerEncodeKwargs } = own
  const cut = { truncation, ...(typeof values.max_length === 'number' && { maxLength: values.max_length }) }
  if (typeof input === 'string') {
    for (const name of ['tools', 'documents', 'continueFinalMessage'] as const)
      if (own[name] !== undefined)
        throw new OptionError(`${name} goes with a chat, but the prompt is a text. Give a list of messages.`)
    const options = { addSpecialTokens, ...cut, ...tokenizerEncodeKwargs, signal }
    return (await tokenizer.callAsync([prefix + input], options)).input_ids[0]!
  }
  for (const message of input) {
    if (typeof message?.role === 'string' && ('content' in message || 'tool_calls' in message)) continue
    throw new InputError(
      `A chat's messages have a role and a content, got ${JSON.stringify(message)}. Give { role: 'user', content: '…' }.`,
    )
  }
  const continueFinalMessage = goesOn(input, own)
  const { input_ids } = tokenizer.applyChatTemplate(input, {
    addGenerationPrompt: !continueFinalMessage,
    continueFinalMessage,
    ...(tools && { tools }),
    ...(documents && { documents }),
    ...cut,
    ...tokenizerEncodeKwargs,
    tokenize: true,
    returnDict: true,
    returnTensors: false,
  })
  return input_ids as readonly number[]
}

/** Few models write two messages one after the other, so a chat that ends with the assistant's is gone on with. */
const goesOn = (chat: Chat, { continueFinalMessage = chat.at(-1)!.role === 'assistant' }: OwnOptions) =>
  continueFinalMessage

/** A prompt, its beginning cut off where that was asked for and the answer would have no room. */
function withRoom(
  ids: readonly number[],
  call: Settled<OwnOptions>,
  { tokenizer }: Context,
): readonly number[] {
  if (call.own.handleLongGeneration === undefined) return ids
  const { max_new_tokens, max_length } = call.values
  const room = max_new_tokens ?? (max_length ?? call.config.max_length ?? 0) - ids.length
  if (room < 0)
    throw new OptionError(
      `handleLongGeneration has to know how long the answer may be, but the prompt alone has ${ids.length} tokens. Give maxNewTokens.`,
    )
  const most = tokenizer.modelMaxLength
  if (ids.length + room <= most) return ids
  if (room >= most)
    throw new OptionError(
      `maxNewTokens is ${room}, but the model takes ${most} tokens: no prompt would be left. Ask for fewer.`,
    )
  return ids.slice(room - most)
}

function answerOf(
  { row }: GeneratedRow<Prompt>,
  ids: readonly number[],
  { own }: Settled<OwnOptions>,
  { tokenizer }: Context,
): GeneratedText | GeneratedChat | GeneratedTokens {
  const {
    returnFullText = true,
    returnTensors,
    skipSpecialTokens = true,
    cleanUpTokenizationSpaces = true,
  } = own
  if (returnTensors) return { generated_token_ids: [...ids] }
  const decode = (tokens: readonly number[]) =>
    tokenizer.decode(tokens, { skipSpecialTokens, cleanUpTokenizationSpaces })
  const text = decode(ids).slice(decode(row.ids).length)
  if (!returnFullText) return { generated_text: text }
  const { input } = row
  if (typeof input === 'string') return { generated_text: input + text }
  const continued = goesOn(input, own) ? input.at(-1)! : undefined
  const before = textOf(continued?.content)
  const said = toolCallsIn(before, ids.slice(row.ids.length), own, tokenizer) ?? { content: before + text }
  return {
    generated_text: continued
      ? [...input.slice(0, -1), { ...continued, ...said }]
      : [...input, { role: 'assistant', ...said }],
  }
}

/** What belongs to the `index`-th sequence of all that a generation gave. */
function outputsOf({ output, sequences }: GeneratedRow<Prompt>, index: number): FurtherOutputs {
  const { length } = sequences
  const rowOf = ({ data, shape: [, width = 0] }: Tensor, row: number) =>
    Array.from(data.subarray(row * width, (row + 1) * width), Number)
  // Beams that are not given have rows too, and then no row is a sequence's.
  const perStep = (steps: readonly Tensor[] | undefined) =>
    steps?.[0]?.shape[0] === length ? steps.map((step) => rowOf(step, index)) : undefined
  const [scores, logits] = [perStep(output?.scores), perStep(output?.logits)]
  const { sequences_scores, beam_indices } = length === 1 ? (output ?? {}) : {}
  return {
    ...(scores && { scores }),
    ...(logits && { logits }),
    ...(sequences_scores && { sequences_scores: Array.from(sequences_scores.data) }),
    ...(beam_indices && { beam_indices: [rowOf(beam_indices, 0)] }),
  }
}

const textOf = (content: ChatMessage['content']): string => {
  if (typeof content === 'string') return content
  // Templates that take parts write their texts one after the other.
  return (content ?? []).map((part) => ('text' in part ? String(part.text) : '')).join('')
}

/** The calls in an answer to a chat with tools. */
function toolCallsIn(
  before: string,
  answer: readonly number[],
  own: OwnOptions,
  tokenizer: Context['tokenizer'],
) {
  const { chatTemplate, tools: further, xml_tools } = own.tokenizerEncodeKwargs ?? {}
  const tools = own.tools ?? further ?? xml_tools // SmolLM3 has a name of its own for them
  if (!Array.isArray(tools)) return undefined
  const hidden = new Set(
    tokenizer.addedTokens.flatMap(([id, { content, special }]) =>
      special && !markers.includes(content) ? [id] : [],
    ),
  )
  const shown = tokenizer.decode(answer.filter((id) => !hidden.has(id)))
  return parseToolCalls(before + shown, tokenizer.getChatTemplate({ chatTemplate, tools }), tools)
}
