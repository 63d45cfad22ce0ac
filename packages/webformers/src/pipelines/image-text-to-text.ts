/** @file `image-text-to-text`: what comes after a text with images in it, or the answer in a chat about them. */
import type { ImageInput } from '@webformers/processors'
import { InputError } from '@webformers/runtime'
import type { CallOptions } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { ProcessorOptions } from '../processing'
import { type Chat, type ChatMessage, isChat } from './chat'
import { type GeneratedRow, generateRows } from './generate-rows'
import {
  endingWith,
  type GenerationOptions,
  type Settled,
  settleGeneration,
  withoutLoading,
} from './generation-options'
import { besideRows, type SeenRow, seenRow } from './seen-rows'
import { type Context, defineTask } from './task'
import { streamText } from './text-stream'
import { WRITTEN } from './written-rows'

/** A text with a place for each of its images, as `<image>` is one; or a chat whose messages have the places. */
export interface ImagesAndText {
  images?: ImageInput | readonly ImageInput[]
  text: string | Chat
}
/** Several texts, each with its image or its images. */
export interface ImagesAndTexts {
  images?: readonly (ImageInput | readonly ImageInput[])[]
  text: readonly (string | Chat)[]
}

interface OwnOptions extends Pick<ProcessorOptions, 'imagesKwargs'> {
  /** Give the text and what follows, of a chat all its messages; else what follows alone. Default: `true`. */
  returnFullText?: boolean
  /** Give `generated_token_ids`, the text's included, and no text. */
  returnTensors?: boolean
  /** Take out the spaces before punctuation. Default: as the tokenizer does. */
  cleanUpTokenizationSpaces?: boolean
  /** Default: `true`. */
  skipSpecialTokens?: boolean
  /** Its first token ends the text; see `stopStrings` for all of it. */
  stopSequence?: string
  /** Go on with a chat's last message. Default: whether it is the assistant's. */
  continueFinalMessage?: boolean
  /** What the tokenizer is told. */
  textKwargs?: CallOptions
}

const OWN = [
  'returnFullText',
  'returnTensors',
  'cleanUpTokenizationSpaces',
  'skipSpecialTokens',
  'stopSequence',
  'continueFinalMessage',
  'imagesKwargs',
  'textKwargs',
] as const satisfies readonly (keyof OwnOptions)[]

export interface ImageTextToTextOptions extends GenerationOptions, OwnOptions {
  /** Options of `generate()`, which may stand outside as well. */
  generateKwargs?: GenerationOptions
}

/** What was written to a text or a chat; `input_text` is that, with the images in the messages. */
export interface GeneratedFromImages<Text extends string | ChatMessage[] = string | ChatMessage[]> {
  input_text: string | ChatMessage[]
  generated_text: Text
}
export interface GeneratedTokensFromImages {
  input_text: string | ChatMessage[]
  generated_token_ids: number[]
}

type AnswerTo<O, I> = O extends { returnTensors: true }
  ? GeneratedTokensFromImages
  : I extends { text: infer Text }
    ? AnswerTo<O, Text>
    : I extends string
      ? GeneratedFromImages<string>
      : O extends { returnFullText: false }
        ? GeneratedFromImages<string>
        : GeneratedFromImages<ChatMessage[]>

/** A list of `numReturnSequences` answers, of which there is one by default; for several texts a list of such lists. */
export interface ImageTextToText<O, I> {
  input: string | Chat | ImagesAndText
  options: ImageTextToTextOptions
  one: AnswerTo<O, I>[]
  many: AnswerTo<O, I>[][]
}

type Input = string | Chat | ImagesAndText

interface Row extends SeenRow {
  readonly text: string | ChatMessage[]
}

export const imageTextToText = () =>
  defineTask({
    head: 'ForConditionalGeneration',
    outputs: ['logits'],
    standard: undefined, // Python's is of an architecture that is not here
    preprocessing: ['processor'],
    among: withoutLoading,
    isOne: (input) => isChat(input) && 'role' in input[0]!,
    several(input): Input[] | undefined {
      const { text: given, images } = input as { text?: unknown; images?: ImagesAndTexts['images'] }
      if (!Array.isArray(given) || isChat(given)) return undefined
      const text = given as ImagesAndTexts['text']
      if (images !== undefined && images.length !== text.length)
        throw new InputError(
          `There are ${text.length} texts, but images for ${images.length}. Give each text its image, or a list of its images.`,
        )
      return text.map((each, i) => ({ text: each, images: images?.[i] }))
    },
    async settle(
      { generateKwargs, ...given }: ImageTextToTextOptions,
      context,
    ): Promise<Settled<OwnOptions>> {
      const twice = Object.keys(generateKwargs ?? {}).find((name) => Object.hasOwn(given, name))
      if (twice) throw new OptionError(`${twice} is given twice, once in generateKwargs. Give it once.`)
      const call = await settleGeneration<OwnOptions>({ ...given, ...generateKwargs }, OWN, WRITTEN, context)
      const { returnFullText, returnTensors, stopSequence } = call.own
      if (returnFullText !== undefined && returnTensors)
        throw new OptionError(
          'returnFullText is about texts, but returnTensors asks for none. Give one of them.',
        )
      return endingWith(call, stopSequence, context, 1)
    },
    prepare,
    async run(rows: readonly Row[], call, context): Promise<GeneratedRow<Row>[]> {
      const beside = besideRows(rows)
      if (beside) return generateRows(rows, 'decoder', call, context, false, beside)
      const found: GeneratedRow<Row>[] = []
      for (const row of rows)
        found.push(...(await generateRows([row], 'decoder', call, context, false, row.seen)))
      return found
    },
    answer: ([{ row, sequences } = { row: undefined, sequences: [] }], call, context) =>
      sequences.map((ids) => answerOf(row!, ids, call, context)),
    async *stream(input: Input, call, context) {
      const [row] = await prepare(input, call, context)
      const { skipSpecialTokens = true, cleanUpTokenizationSpaces, returnTensors } = call.own
      if (returnTensors)
        throw new OptionError(
          'The pipeline streams texts. For tokens see model.stream(), or leave out returnTensors.',
        )
      const spaces = cleanUpTokenizationSpaces ?? context.tokenizer.cleanUpTokenizationSpaces
      yield* streamText(
        {
          row: row!,
          beside: row!.seen,
          call,
          skipSpecialTokens,
          cleanUpTokenizationSpaces: spaces,
          goesOn: true,
        },
        context,
      )
    },
  })

async function prepare(
  input: Input,
  { own }: Settled<OwnOptions>,
  { processor, signal }: Context,
): Promise<Row[]> {
  const isText = typeof input === 'string' || isChat(input)
  const { text, images } = isText ? { text: input } : (input as ImagesAndText)
  const { imagesKwargs, textKwargs } = own
  const options = { imagesKwargs, textKwargs, signal }
  if (typeof text === 'string')
    return [{ text, ...seenRow(await processor({ text, images }, options), processor) }]
  const messages = withImages(text, images)
  const continueFinalMessage = goesOn(messages, own)
  const features = await processor.applyChatTemplate(messages, {
    ...options,
    addGenerationPrompt: !continueFinalMessage,
    continueFinalMessage,
    tokenize: true,
    returnDict: true,
  })
  return [{ text: messages, ...seenRow(features, processor) }]
}

/** Few models write two messages one after the other, so a chat that ends with the assistant's is gone on with. */
const goesOn = (chat: Chat, { continueFinalMessage = chat.at(-1)!.role === 'assistant' }: OwnOptions) =>
  continueFinalMessage

const HAVE_IMAGE = ['image', 'url', 'path', 'base64']

/** A chat with images in the places that have none yet. Like `add_images_to_messages` in Python.
 * @throws {InputError} when there are more or fewer than places, or a message is none */
function withImages(chat: Chat, images: ImagesAndText['images']): ChatMessage[] {
  const given = (Array.isArray(images) ? images : images === undefined ? [] : [images]) as ImageInput[]
  let next = 0
  const placed = (part: Record<string, unknown>) => {
    if (part.type === 'image_url') {
      const { image_url, ...rest } = part as { image_url?: { url?: unknown } }
      if (image_url?.url === undefined)
        throw new InputError(
          'A part of the type image_url has { image_url: { url } }, but this one has none.',
        )
      return { ...rest, type: 'image', image: image_url.url }
    }
    if (part.type !== 'image' || HAVE_IMAGE.some((key) => key in part)) return part
    return { ...part, image: given[next++] }
  }
  const messages = chat.map((message) => {
    if (typeof message?.role !== 'string' || !('content' in message))
      throw new InputError(
        `A chat's messages have a role and a content, got ${JSON.stringify(message)}. Give { role: 'user', content: […] }.`,
      )
    const { content } = message
    if (!Array.isArray(content)) return message
    return { ...message, content: (content as Record<string, unknown>[]).map(placed) }
  })
  if (next === given.length) return messages
  throw new InputError(
    `The chat has ${next} places for images that are given beside it, but ${given.length} were given.`,
  )
}

function answerOf(
  { text, ids: prompt }: Row,
  ids: readonly number[],
  { own }: Settled<OwnOptions>,
  { processor }: Context,
): GeneratedFromImages | GeneratedTokensFromImages {
  const { returnFullText = true, returnTensors, skipSpecialTokens, cleanUpTokenizationSpaces } = own
  if (returnTensors) return { input_text: text, generated_token_ids: [...ids] }
  const options = { ...(skipSpecialTokens !== undefined && { skipSpecialTokens }), cleanUpTokenizationSpaces }
  const [whole, before] = processor.postProcessImageTextToText([ids, prompt], options) as [string, string]
  // Spaces or ends of lines may stand before the prompt.
  const start = whole.indexOf(before)
  const rest = start >= 0 && start <= 2 ? whole.slice(start + before.length) : whole
  return { input_text: text, generated_text: returnFullText ? fullText(text, rest, own) : rest }
}

function fullText(text: Row['text'], written: string, own: OwnOptions): string | ChatMessage[] {
  if (typeof text === 'string') return text + written
  if (!goesOn(text, own)) return [...text, { role: 'assistant', content: written }]
  const { content, ...message } = text.at(-1)!
  if (typeof content === 'string') return [...text.slice(0, -1), { ...message, content: content + written }]
  const last = content!.at(-1) as { text?: string }
  const continued = [...content!.slice(0, -1), { ...last, text: (last.text ?? '') + written }]
  return [...text.slice(0, -1), { ...message, content: continued }]
}
