/** @file Conversations with images in their messages, as a model's template writes them. */
import type { ImageInput } from '@webformers/processors'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'
import type { BatchFeature, ProcessorInputs, ProcessorOptions } from './inputs'

export interface ProcessorChatOptions extends ProcessorOptions {
  /** A template to use instead, or the name of one of the model's own. */
  chatTemplate?: string
  /** End with what starts the assistant's answer. */
  addGenerationPrompt?: boolean
  /** End within the last message, so that the model goes on with it. */
  continueFinalMessage?: boolean
  /** JSON schemas of functions. */
  tools?: readonly object[] | null
  /** For retrieval: such as `{ title, text }`. */
  documents?: readonly object[] | null
  /** Give ids, of images too. Default: `false`, as of a processor in Python. */
  tokenize?: boolean
  /** Give all inputs of the model, not the ids only. */
  returnDict?: boolean
  /** Whatever else the template reads. */
  [variable: string]: unknown
}

/** A text for each conversation, or ids, or a model's inputs. */
export type ChatResult<Conversation, Options> = Options extends { tokenize: true; returnDict: true }
  ? BatchFeature
  : Options extends { tokenize: true }
    ? Tensor
    : Conversation extends readonly (readonly unknown[])[]
      ? string[]
      : string

type Message = Readonly<Record<string, unknown>>

/** Where a message's part has its image, by Python's names. */
const IMAGE = ['image', 'url', 'path', 'base64']

/** See {@link Processor.applyChatTemplate}. */
export async function applyChatTemplate(
  conversation: readonly object[],
  {
    chatTemplate,
    addGenerationPrompt,
    continueFinalMessage,
    tools,
    documents,
    tokenize = false,
    returnDict = false,
    padding,
    truncation,
    maxLength,
    addSpecialTokens,
    samplingRate,
    textKwargs,
    imagesKwargs,
    audioKwargs,
    signal,
    ...variables
  }: ProcessorChatOptions,
  call: (inputs: ProcessorInputs, options: ProcessorOptions) => Promise<BatchFeature>,
  tokenizer: PreTrainedTokenizer,
): Promise<string | string[] | Tensor | BatchFeature> {
  const isBatch = Array.isArray(conversation[0])
  const conversations = (isBatch ? conversation : [conversation]) as readonly (readonly Message[])[]
  const texts = tokenizer.applyChatTemplate(conversations.map(written), {
    ...variables,
    chatTemplate,
    addGenerationPrompt,
    continueFinalMessage,
    tools,
    documents,
    tokenize: false,
  }) as string[]
  if (!tokenize) return isBatch ? texts : texts[0]!
  const images = conversations.map((messages) => messages.flatMap(partsOf).flatMap(imageOf))
  const { bosToken } = tokenizer
  const begun = bosToken !== undefined && texts[0]!.startsWith(bosToken) // the template has written it
  const features = await call(
    { text: texts, ...(images.some(({ length }) => length > 0) && { images }) },
    {
      padding,
      truncation,
      maxLength,
      addSpecialTokens: begun ? false : addSpecialTokens,
      samplingRate,
      textKwargs,
      imagesKwargs,
      audioKwargs,
      signal,
    },
  )
  return returnDict ? features : features.input_ids!
}

/** A message's content as parts, such as templates of models that see read. */
const partsOf = ({ content }: Message): readonly Message[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : ((content ?? []) as readonly Message[])

/** Messages without their images' pixels, which no template reads. */
const written = (messages: readonly Message[]): Message[] =>
  messages.map((message) => ({
    ...message,
    content: partsOf(message).map((part) =>
      part.type === 'image'
        ? Object.fromEntries(Object.entries(part).filter(([key]) => !IMAGE.includes(key)))
        : part,
    ),
  }))

/** @throws {OptionError} when the part is a film */
function imageOf(part: Message): ImageInput[] {
  if (part.type === 'video')
    throw new OptionError(
      'A message has a video, but only images are read. Give frames of it: { type: "image", image }.',
    )
  if (part.type !== 'image') return []
  const key = IMAGE.find((each) => part[each] !== undefined)
  if (key === undefined) return []
  return [key === 'base64' ? fileOf(String(part.base64)) : (part[key] as ImageInput)]
}

/** The bytes that base64 spells, alone or in a `data:` URL. */
const fileOf = (text: string): Blob =>
  new Blob([Uint8Array.from(atob(text.replace(/^data:.*?,/s, '')), (letter) => letter.charCodeAt(0))])
