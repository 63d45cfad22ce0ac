/** @file Which chat template is used, and what is made of the text it writes. */
import { type Conversation, renderConversation } from '../chat-template/render'
import { TokenizerError } from '../errors'
import { type BatchEncoding, type Ids, type IntegerTensor, toTensor } from './batch-encoding'
import type { TokenizerConfig, TokenizerFiles } from './files'
import type { CallOptions, TextInput } from './options'
import { contentOf, type SpecialTokens } from './special-tokens'

/** A Jinja template, or several by name: `default`, `tool_use` where there are tools, others such as `rag`. */
export type ChatTemplate = string | Readonly<Record<string, string>>

export interface ChatTemplateOptions {
  /** JSON schemas of functions, such as `{ type: 'function', function: { name, description, parameters } }`. */
  tools?: readonly object[] | null
  /** For retrieval: such as `{ title, text }`. */
  documents?: readonly object[] | null
  /** A template to use instead, or the name of one of the tokenizer's own. */
  chatTemplate?: string
  /** End with what starts the assistant's answer. */
  addGenerationPrompt?: boolean
  /** End within the last message, so that the model goes on with it. */
  continueFinalMessage?: boolean
  /** Give ids; true unless told otherwise. */
  tokenize?: boolean
  padding?: CallOptions['padding']
  truncation?: CallOptions['truncation']
  maxLength?: number
  returnTensors?: boolean
  /** Give all of the encoding, not its ids only. */
  returnDict?: boolean
  /** Mark the tokens that the assistant wrote, in `assistant_masks`; for templates with `{% generation %}`. */
  returnAssistantTokensMask?: boolean
  /** Further options of the tokenizer's call. */
  tokenizerKwargs?: CallOptions
  /** Whatever else the template reads, such as `enable_thinking`. */
  [variable: string]: unknown
}

/** An encoding, and for each token whether the assistant wrote it. */
export type ChatEncoding<Value extends Ids = Ids> = BatchEncoding<Value> & { assistant_masks?: Value }

type IdsOf<Conversations, Options> = Options extends { returnTensors: true }
  ? IntegerTensor
  : Conversations extends readonly (readonly unknown[])[]
    ? number[][]
    : number[]

/** Text for one conversation, or ids, or an encoding; for a list of conversations, of each. */
export type ChatTemplateResult<Conversations, Options> = Options extends { tokenize: false }
  ? Conversations extends readonly (readonly unknown[])[]
    ? string[]
    : string
  : Options extends { returnDict: true }
    ? ChatEncoding<IdsOf<Conversations, Options>>
    : IdsOf<Conversations, Options>

const ADDITIONAL = /^additional_chat_templates\/(.+)\.jinja$/

/** The files that may have templates, after those that were read. A repository can't be listed: these names are known. */
export function furtherTemplates(hasFile: boolean, isConfigured: boolean): string[] {
  if (hasFile) return ['tool_use', 'rag'].map((name) => `additional_chat_templates/${name}.jinja`)
  return isConfigured ? [] : ['chat_template.json']
}

/**
 * The templates that files have: those in files of their own go before the configuration's. Only a processor's
 * repository has a chat_template.json; it counts where there is nothing else.
 * @param overrides goes before all of them.
 */
export function chatTemplateOf(
  files: TokenizerFiles,
  overrides: TokenizerConfig = {},
): ChatTemplate | undefined {
  const own: Record<string, string> = {}
  for (const [path, text] of Object.entries(files)) {
    const name = path === 'chat_template.jinja' ? 'default' : ADDITIONAL.exec(path)?.[1]
    if (name !== undefined && typeof text === 'string') own[name] = text.replace(/\r\n?/g, '\n')
  }
  const names = Object.keys(own)
  if (names.length > 0 && !overrides.chat_template)
    return names.length === 1 && own.default !== undefined ? own.default : own
  const declared =
    overrides.chat_template ??
    files['tokenizer_config.json']?.chat_template ??
    files['chat_template.json']?.chat_template ??
    undefined
  if (!Array.isArray(declared)) return declared
  return Object.fromEntries(declared.map(({ name, template }) => [name, template]))
}

/** @throws {TokenizerError} when there is no such template, or none at all. */
export function selectChatTemplate(
  own: ChatTemplate | undefined,
  wanted: string | undefined,
  hasTools: boolean,
): string {
  if (own === undefined || typeof own === 'string') {
    const template = wanted ?? own
    if (template !== undefined) return template
    throw new TokenizerError(
      'The tokenizer has no chat template. Give one as chatTemplate, or set tokenizer.chatTemplate.',
    )
  }
  if (wanted !== undefined) return Object.hasOwn(own, wanted) ? own[wanted]! : wanted
  const template = (hasTools ? own.tool_use : undefined) ?? own.default
  if (template !== undefined) return template
  throw new TokenizerError(
    `None of the tokenizer's chat templates is the default one. Give the name of one as chatTemplate: ${Object.keys(own).sort().join(', ')}.`,
  )
}

/** What of a tokenizer a chat needs. */
interface ChatTokenizer {
  chatTemplate: ChatTemplate | undefined
  special: SpecialTokens
  encode: (text: TextInput, options: CallOptions) => BatchEncoding
  warn: (message: string) => void
}

/** @throws {TokenizerError} when options exclude each other, or the template does not take the conversation. */
export function applyChatTemplate(
  conversation: Conversation | readonly Conversation[],
  options: ChatTemplateOptions,
  tokenizer: ChatTokenizer,
): string | string[] | Ids | ChatEncoding {
  const {
    tools = null,
    documents = null,
    chatTemplate,
    addGenerationPrompt = false,
    continueFinalMessage = false,
    tokenize = true,
    padding = false,
    truncation = false,
    maxLength,
    returnTensors = false,
    returnDict = false,
    returnAssistantTokensMask = false,
    tokenizerKwargs,
    ...variables
  } = options
  checkOptions({ tokenize, returnDict, returnAssistantTokensMask, continueFinalMessage, addGenerationPrompt })
  checkObjects('tools', tools, "JSON schemas such as { type: 'function', function: { name, parameters } }")
  checkObjects('documents', documents, 'objects such as { title, text }')
  const template = selectChatTemplate(tokenizer.chatTemplate, chatTemplate, tools !== null)
  const isBatch = Array.isArray(conversation[0])
  const conversations = (isBatch ? conversation : [conversation]) as readonly Conversation[]
  if (conversation.length === 0)
    throw new TokenizerError('There is no conversation: the list of messages is empty.')
  if (returnAssistantTokensMask && !/\{%[-+]?\s*generation\s*[-+]?%\}/.test(template))
    tokenizer.warn(
      'returnAssistantTokensMask is set, but the chat template has no {% generation %}: no token is marked.',
    )

  const renderings = conversations.map((messages) =>
    renderConversation(template, messages, {
      addGenerationPrompt,
      continueFinalMessage,
      tools,
      documents,
      variables: { ...specialTokens(tokenizer.special), ...variables },
    }),
  )
  const texts = renderings.map(({ text }) => text)
  if (!tokenize) return isBatch ? texts : texts[0]!
  const encoding: ChatEncoding = tokenizer.encode(isBatch ? texts : texts[0]!, {
    padding,
    truncation,
    maxLength,
    returnTensors,
    // The template has written them.
    addSpecialTokens: false,
    ...tokenizerKwargs,
  })
  if (!returnDict) return encoding.input_ids
  if (returnAssistantTokensMask) {
    const masks = renderings.map(({ generated }, row) => assistantMask(encoding, row, generated))
    encoding.assistant_masks = returnTensors
      ? toTensor('assistant_masks', masks)
      : isBatch
        ? masks
        : masks[0]!
  }
  return encoding
}

function checkOptions(options: Record<string, boolean>): void {
  const { tokenize, returnDict, returnAssistantTokensMask, continueFinalMessage, addGenerationPrompt } =
    options
  const wrong =
    returnDict && !tokenize
      ? 'returnDict: true needs tokenize: true, as text has no encoding to return.'
      : returnAssistantTokensMask && !returnDict
        ? 'returnAssistantTokensMask: true needs returnDict: true, where the mask is returned.'
        : continueFinalMessage && addGenerationPrompt
          ? 'continueFinalMessage goes on with the last message, addGenerationPrompt starts a new one: set one of them.'
          : continueFinalMessage && returnAssistantTokensMask
            ? 'continueFinalMessage and returnAssistantTokensMask do not go together: set one of them.'
            : undefined
  if (wrong !== undefined) throw new TokenizerError(wrong)
}

function checkObjects(name: string, list: unknown, expected: string): void {
  if (list === null) return
  const isObject = (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item)
  if (Array.isArray(list) && list.every(isObject)) return
  const found = Array.isArray(list)
    ? `a list with a ${typeof list.find((item) => !isObject(item))} in it`
    : `a ${typeof list}`
  throw new TokenizerError(`${name} is ${found}, but must be a list of ${expected}.`)
}

/** As a template reads them: `bos_token`, `eos_token` and so on. */
function specialTokens({ roles, additional }: SpecialTokens): Record<string, unknown> {
  const tokens: Record<string, unknown> = {}
  for (const [role, token] of roles) tokens[role] = contentOf(token)
  if (additional.length > 0) tokens.additional_special_tokens = additional.map(contentOf)
  return tokens
}

/** For each token 1 where the assistant wrote it. */
function assistantMask(
  encoding: BatchEncoding,
  row: number,
  spans: readonly [start: number, end: number][],
): number[] {
  const mask = new Array<number>(encoding.tokens(row).length).fill(0)
  for (const [start, end] of spans) {
    const first = encoding.charToToken(row, start)
    // From here on the text was cut off.
    if (first === null) break
    const last = encoding.charToToken(row, end - 1)
    // As in Python, what ends beyond the last token, or with the first, goes on to the end.
    mask.fill(1, first, last ? last + 1 : mask.length)
  }
  return mask
}
