/** @file The tokenizer as Transformers knows it: call it with text, get what a model takes. */
import {
  finish,
  finishCalmly,
  type Pushed,
  type PushOptions,
  type SaveTarget,
  type Steps,
} from '@webformers/hub'
import type { CtcDecoded } from '../ctc/decode'
import { cleanUpTokenization, DecodeStream } from '../decoders'
import { TokenizerError } from '../errors'
import type { TrainingTexts } from '../trainers/word-counts'
import type { WhisperDecoded } from '../whisper/decode'
import type { Parts } from './assemble'
import { BatchEncoding, type IntegerTensor } from './batch-encoding'
import type { Encoded, TokenizerCall } from './call'
import {
  applyChatTemplate,
  type ChatTemplateOptions,
  type ChatTemplateResult,
  selectChatTemplate,
} from './chat-template'
import { encodeBatch } from './encode-batch'
import { checkedId, type IdList, listOf, rowsOf } from './ids'
import { inputsOf, isText } from './inputs'
import { LanguageProperties } from './language-properties'
import type { CallOptions, DecodeOptions, PadOptions, TextInput } from './options'
import type { OwnDecoded, OwnDecodeOptions } from './own-decoding'
import { type Batch, type Padded, padBatch } from './pad'
import type { SaveOptions } from './save'
import { strategiesOf } from './strategies'
import type { TrainOptions } from './train-new'

/** A tokenizer: a function, with what Python's `PreTrainedTokenizerFast` has as methods and properties. */
export type PreTrainedTokenizer = TokenizerCall & PreTrainedTokenizerMethods

export class PreTrainedTokenizerMethods extends LanguageProperties {
  private readonly warned = new Set<string>()

  /** The tokenizer that is called. */
  static callable(parts: Parts): PreTrainedTokenizer {
    const methods = new PreTrainedTokenizerMethods(parts)
    const call = (text?: TextInput, pair?: TextInput | CallOptions, options?: CallOptions) =>
      finish(methods.call(text, callOptions(pair, options)))
    // A function has a length and a name of its own, which would hide the tokenizer's.
    Reflect.deleteProperty(call, 'length')
    Reflect.deleteProperty(call, 'name')
    return Object.setPrototypeOf(call, methods) as PreTrainedTokenizer
  }

  /**
   * The same as calling the tokenizer, with the page's other work in between: for texts of megabytes, or thousands of
   * texts. Like `async_encode_batch` of tokenizers in Python.
   * @example
   * const { input_ids } = await tokenizer.callAsync(book, { truncation: true, maxLength: 512, returnOverflowingTokens: true })
   * @throws {TokenizerError} when the options contradict each other; the signal's reason when it aborts.
   */
  async callAsync<
    Text extends TextInput,
    const Options extends CallOptions & { signal?: AbortSignal } = Record<never, never>,
  >(text: Text, options?: Options): Promise<Encoded<Text, Options>> {
    const { signal, ...rest }: CallOptions & { signal?: AbortSignal } = options ?? {}
    return (await finishCalmly(this.call(text, rest), signal)) as Encoded<Text, Options>
  }

  /**
   * The ids of a text or a pair. Like `encode` in Python.
   * @example
   * tokenizer.encode('hello world') // [101, 7592, 2088, 102]
   * @throws {TokenizerError} when it is more than one text.
   */
  encode(
    text: string | readonly string[],
    textPair?: string | readonly string[] | CallOptions,
    options?: CallOptions,
  ): number[] {
    const given = callOptions(textPair, options)
    if (typeof text !== 'string' && !given.isSplitIntoWords)
      throw new TokenizerError(
        'encode takes one text. Call the tokenizer for a list of them, or set isSplitIntoWords.',
      )
    const plain = { ...given, returnTensors: false, returnOverflowingTokens: false }
    return finish(this.steps(text, plain)).input_ids as number[]
  }

  /**
   * A text's tokens, without special ones unless asked for. Like `tokenize` in Python.
   * @example
   * tokenizer.tokenize('hello worlds') // ['hello', 'worlds']
   */
  tokenize(text: string, textPair?: string | CallOptions, options?: CallOptions): string[] {
    return finish(this.steps(text, { addSpecialTokens: false, ...callOptions(textPair, options) })).tokens()
  }

  /**
   * The text that ids stand for. Like `decode` in Python.
   * @example
   * tokenizer.decode([101, 7592, 2088, 102], { skipSpecialTokens: true }) // 'hello world'
   * @example
   * whisper.decode(ids, { outputOffsets: true }) // { text: ' Hello', offsets: [{ text: ' Hello', timestamp: [0, 1.2] }] }
   * wav2vec2.decode(ids, { outputWordOffsets: true }) // { text: 'HI', word_offsets: [{ word: 'HI', start_offset: 3, end_offset: 9 }] }
   * @throws {TokenizerError} when an id is negative or no whole number; one that no token has is left out.
   */
  decode(ids: number | IdList, options: OwnDecodeOptions & { outputOffsets: true }): WhisperDecoded
  decode(
    ids: number | IdList,
    options: OwnDecodeOptions & ({ outputCharOffsets: true } | { outputWordOffsets: true }),
  ): CtcDecoded
  decode(ids: number | IdList, options?: OwnDecodeOptions): string
  decode(ids: number | IdList, options: OwnDecodeOptions = {}): string | OwnDecoded {
    const { cleanUpTokenizationSpaces = this.parts.settings.cleanUpTokenizationSpaces } = options
    const list = Array.from(typeof ids === 'number' ? [ids] : listOf(ids), checkedId)
    const plain = (some: readonly number[], { skipSpecialTokens = false }: DecodeOptions) => {
      const text = this.parts.tokenizer.decode([...some], skipSpecialTokens)
      return cleanUpTokenizationSpaces ? cleanUpTokenization(text) : text
    }
    const { ownDecoding, config } = this.parts
    if (!ownDecoding) return plain(list, options)
    const { allSpecialIds, padToken } = this
    const source = {
      allSpecialIds,
      padToken,
      config,
      plain,
      convertTokensToIds: (token: string) => this.convertTokensToIds(token),
      convertIdsToTokens: (id: number) => this.convertIdsToTokens(id),
    }
    return ownDecoding(source, list, { ...options, cleanUpTokenizationSpaces })
  }

  /**
   * The text of ids that come one at a time, as it becomes certain. Like `tokenizers.decoders.DecodeStream` in Python.
   * @example
   * const stream = tokenizer.decodeStream({ skipSpecialTokens: true })
   * stream.step(7592) // 'hello'
   * stream.step(2088) // ' world'
   * stream.flush() // ''
   */
  decodeStream(options: DecodeOptions = {}): DecodeStream {
    const {
      skipSpecialTokens = false,
      cleanUpTokenizationSpaces = this.parts.settings.cleanUpTokenizationSpaces,
    } = options
    const { tokenizer } = this.parts
    const source = {
      join: (tokens: string[]) => tokenizer.join(tokens),
      tokenOf: (id: number) => {
        const token = tokenizer.tokenOf(id)
        return token !== undefined && skipSpecialTokens && tokenizer.vocabulary.isSpecial(token)
          ? undefined
          : token
      },
    }
    return new DecodeStream(source, cleanUpTokenizationSpaces)
  }

  /** The texts that lists of ids, or the rows of a tensor, stand for. Like `batch_decode` in Python. */
  batchDecode(batch: Iterable<number | IdList> | IntegerTensor, options: DecodeOptions = {}): string[] {
    return Array.from(rowsOf(batch), (ids) => this.decode(ids, options))
  }

  /** The text that tokens spell. Like `convert_tokens_to_string` in Python. */
  convertTokensToString(tokens: readonly string[]): string {
    return this.parts.tokenizer.join([...tokens])
  }

  /**
   * Bring encodings to one length. Like `pad` in Python.
   * @throws {TokenizerError} when there are no input_ids, or nothing to pad with.
   */
  pad(encodings: Batch, options: PadOptions = {}): BatchEncoding {
    const { settings } = this.parts
    const strategies = () =>
      strategiesOf(
        { ...options, padding: options.padding ?? true, truncation: false },
        settings,
        this.padTokenId !== undefined,
        this.warn,
      )
    const padded: Padded = padBatch(encodings, strategies, options, settings, this.padTokenId ?? 0)
    return new BatchEncoding(padded)
  }

  /**
   * The ids of a conversation, or of each of a list of them, written as the model's template has it. Like
   * `apply_chat_template` in Python.
   * @example
   * const messages = [{ role: 'user', content: 'Hi' }]
   * tokenizer.applyChatTemplate(messages, { addGenerationPrompt: true, tokenize: false })
   * // '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n'
   * @throws {TokenizerError} when there is no template, or it raises an exception, with that exception's message.
   */
  applyChatTemplate<
    const Conversations extends readonly object[],
    const Options extends ChatTemplateOptions = Record<never, never>,
  >(conversation: Conversations, options?: Options): ChatTemplateResult<Conversations, Options> {
    return applyChatTemplate(conversation, options ?? {}, {
      chatTemplate: this.chatTemplate,
      special: this.parts.special,
      encode: (text, callOptions) => finish(this.call(text, callOptions)),
      warn: this.warn,
    }) as ChatTemplateResult<Conversations, Options>
  }

  /** The template that a conversation is written with. Like `get_chat_template` in Python. */
  getChatTemplate({ chatTemplate, tools }: Pick<ChatTemplateOptions, 'chatTemplate' | 'tools'> = {}): string {
    return selectChatTemplate(this.chatTemplate, chatTemplate, (tools ?? null) !== null)
  }

  /** How many special tokens a text, or a pair, gets. Like `num_special_tokens_to_add` in Python. */
  numSpecialTokensToAdd(pair = false): number {
    return this.parts.tokenizer.specialTokens(pair)
  }

  /**
   * A tokenizer like this one, with a vocabulary learnt from `texts`. Like `train_new_from_iterator` in Python.
   * @param texts strings, or batches of them, there already or still to come.
   * @example
   * const mine = await tokenizer.trainNewFromIterator(mails, 8000, { onProgress: ({ stage, done }) => show(stage, done) })
   * mine.length // 8000
   * @throws {TokenizerError} when the model can't be trained, or not to this size.
   */
  async trainNewFromIterator(
    texts: TrainingTexts,
    vocabSize: number,
    options: TrainOptions = {},
  ): Promise<PreTrainedTokenizer> {
    const { trainNew } = await import('./train-new')
    return PreTrainedTokenizerMethods.callable(await trainNew(this.parts, texts, vocabSize, options))
  }

  /**
   * The tokenizer as files by path, changes included: for downloads and archives.
   * @example
   * const files = await tokenizer.toFiles()
   * Object.keys(files) // ['tokenizer_config.json', 'special_tokens_map.json', 'vocab.txt', 'tokenizer.json']
   * @throws {TokenizerError} when a chat template's name can't be a file's.
   */
  async toFiles(options: SaveOptions = {}): Promise<Record<string, Blob>> {
    const { savedFiles } = await import('./save')
    return savedFiles(this.parts, options)
  }

  /**
   * Save these files in a directory, under a name in the browser, or as a download, and give their paths. Like
   * `save_pretrained` in Python.
   * @example
   * await tokenizer.savePretrained(await showDirectoryPicker({ mode: 'readwrite' }))
   * await tokenizer.savePretrained('indexeddb://my-model') // AutoTokenizer.fromPretrained('indexeddb://my-model') opens it
   * await tokenizer.savePretrained('my-tokenizer.zip')
   * @throws {TokenizerError} when a chat template's name can't be a file's.
   * @throws {PermissionError} when the page may not write there. @throws {StorageFullError} when there is no room.
   * @throws {SaveError} when the target is none of these.
   */
  async savePretrained(target: SaveTarget, options: SaveOptions = {}): Promise<string[]> {
    const { save } = await import('./save')
    return save(this.parts, target, options)
  }

  /**
   * Push these files to a repository of the Hub, which is made if it is not there, with a model card if it has none. Like
   * `push_to_hub` in Python.
   * @example
   * const { commitUrl } = await tokenizer.pushToHub('me/my-model', { token })
   * @throws {PushToHubError} whose `reason` tells a missing token, a missing right, a missing repository and the network apart
   */
  async pushToHub(repository: string, options: PushOptions = {}): Promise<Pushed> {
    const { push } = await import('./save')
    return push(this.parts, repository, options)
  }

  /** As Python's call does: source texts, then target texts, whose ids are the labels. */
  private *call(text: TextInput | undefined, options: CallOptions): Steps<BatchEncoding> {
    const { textTarget, textPairTarget, ...given } = options
    const rest = { ...this.usualPadding, ...given }
    let encoding: BatchEncoding | undefined
    if (text !== undefined || textTarget === undefined) {
      this.turnTo('source')
      encoding = yield* this.steps(text, rest)
      if (textTarget === undefined) return encoding
    }
    this.turnTo('target')
    const targets = this.steps(textTarget, { ...rest, textPair: textPairTarget })
    this.turnTo('source')
    const target = yield* targets
    return encoding === undefined ? target : Object.assign(encoding, { labels: target.input_ids })
  }

  /** The texts as the tokenizer stands when this is called, whatever becomes of it between the steps. */
  private steps(text: TextInput | undefined, options: CallOptions): Steps<BatchEncoding> {
    const { inputs, single } = inputsOf(text, options)
    if (options.isSplitIntoWords && this.parts.needsPrefixSpace) {
      throw new TokenizerError(
        'Lists of words need this tokenizer loaded with addPrefixSpace: true, or add_prefix_space: true in its configuration.',
      )
    }
    const padId = this.padTokenId
    const strategies = strategiesOf(options, this.parts.settings, padId !== undefined, this.warn)
    return encodeBatch(
      inputs,
      single,
      { ...this.parts },
      options,
      strategies,
      { id: padId ?? 0, token: this.padToken ?? '' },
      this.warn,
    )
  }

  /** Each warning once a tokenizer, as in Python. */
  private readonly warn = (message: string): void => {
    const kind = message.replace(/\d+/g, '')
    if (this.warned.has(kind)) return
    this.warned.add(kind)
    console.warn(message)
  }
}

/** A second argument is a text or the options. */
const callOptions = (textPair?: TextInput | CallOptions, options?: CallOptions): CallOptions =>
  isText(textPair) ? { textPair, ...options } : { ...options, ...textPair }
