/** @file The tokenizer as Transformers knows it: call it with text, get what a model takes. */
import type { AddedToken } from '../added-vocabulary'
import { cleanUpTokenization, DecodeStream } from '../decoders'
import { TokenizerError } from '../errors'
import { finish, finishCalmly, type Steps } from '../steps'
import type { TrainingTexts } from '../trainers/word-counts'
import type { Parts } from './assemble'
import { BatchEncoding, type IntegerTensor } from './batch-encoding'
import type { IdsOf, TokenizerCall } from './call'
import {
  applyChatTemplate,
  type ChatTemplateOptions,
  type ChatTemplateResult,
  selectChatTemplate,
} from './chat-template'
import { encodeBatch } from './encode-batch'
import { inputsOf, isText } from './inputs'
import type { CallOptions, DecodeOptions, PadOptions, TextInput } from './options'
import { type Batch, type Padded, padBatch } from './pad'
import type { SaveOptions } from './save'
import { SettingsProperties } from './settings-properties'
import { addedToken, contentOf, type Role, type SpecialTokenFields, type TokenLike } from './special-tokens'
import { strategiesOf } from './strategies'
import type { TrainOptions } from './train-new'

/** A tokenizer: a function, with what Python's `PreTrainedTokenizerFast` has as methods and properties. */
export type PreTrainedTokenizer = TokenizerCall & PreTrainedTokenizerMethods

/** Ids as lists or as what a model gave. */
type IdList = Iterable<number> | IntegerTensor

export class PreTrainedTokenizerMethods extends SettingsProperties {
  private readonly warned = new Set<string>()

  /** The tokenizer that is called. */
  static callable(parts: Parts): PreTrainedTokenizer {
    const methods = new PreTrainedTokenizerMethods(parts)
    const call = (text: TextInput, pair?: TextInput | CallOptions, options?: CallOptions) =>
      isText(pair)
        ? methods.batch(text, { textPair: pair, ...options })
        : methods.batch(text, { ...options, ...pair })
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
  >(text: Text, options?: Options): Promise<BatchEncoding<IdsOf<Text, Options>>> {
    const { signal, ...rest }: CallOptions & { signal?: AbortSignal } = options ?? {}
    return (await finishCalmly(this.steps(text, rest), signal)) as BatchEncoding<IdsOf<Text, Options>>
  }

  /** The ids of a text or a pair. Like `encode` in Python. */
  encode(text: string | readonly string[], options: CallOptions = {}): number[] {
    const { input_ids } = this.batch(text, {
      ...options,
      returnTensors: false,
      returnOverflowingTokens: false,
    })
    return input_ids as number[]
  }

  /** A text's tokens, without special ones unless asked for. Like `tokenize` in Python. */
  tokenize(text: string, options: CallOptions = {}): string[] {
    return this.batch(text, { addSpecialTokens: false, ...options }).tokens()
  }

  /**
   * The text that ids stand for. Like `decode` in Python.
   * @example
   * tokenizer.decode([101, 7592, 2088, 102], { skipSpecialTokens: true }) // 'hello world'
   */
  decode(ids: number | IdList, options: DecodeOptions = {}): string {
    const {
      skipSpecialTokens = false,
      cleanUpTokenizationSpaces = this.parts.settings.cleanUpTokenizationSpaces,
    } = options
    const list = typeof ids === 'number' ? [ids] : 'data' in ids ? ids.data : ids
    const text = this.parts.tokenizer.decode(list, skipSpecialTokens)
    return cleanUpTokenizationSpaces ? cleanUpTokenization(text) : text
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
  batchDecode(batch: Iterable<IdList> | IntegerTensor, options: DecodeOptions = {}): string[] {
    const rows = 'data' in batch ? rowsOf(batch) : batch
    return Array.from(rows, (ids) => this.decode(ids, options))
  }

  /** A token's id, the unknown token's if there is no such token. Like `convert_tokens_to_ids` in Python. */
  convertTokensToIds(token: string): number | undefined
  convertTokensToIds(tokens: readonly string[]): (number | undefined)[]
  convertTokensToIds(tokens: string | readonly string[]): number | undefined | (number | undefined)[] {
    if (typeof tokens !== 'string') return tokens.map((token) => this.convertTokensToIds(token))
    return (
      this.parts.tokenizer.vocabulary.idOf(tokens) ?? (tokens === this.unkToken ? undefined : this.unkTokenId)
    )
  }

  /** An id's token. Like `convert_ids_to_tokens` in Python. */
  convertIdsToTokens(id: number): string | undefined
  convertIdsToTokens(
    ids: readonly number[],
    options?: { skipSpecialTokens?: boolean },
  ): (string | undefined)[]
  convertIdsToTokens(
    ids: number | readonly number[],
    { skipSpecialTokens = false }: { skipSpecialTokens?: boolean } = {},
  ): string | undefined | (string | undefined)[] {
    const { tokenizer } = this.parts
    if (typeof ids === 'number') return tokenizer.tokenOf(ids)
    const skipped = new Set(skipSpecialTokens ? this.allSpecialIds : [])
    return ids.filter((id) => !skipped.has(id)).map((id) => tokenizer.tokenOf(id))
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
    const { padding = true } = options
    const strategies = strategiesOf(
      { ...options, padding, truncation: false },
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
      encode: (text, callOptions) => this.batch(text, callOptions),
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

  /** Add tokens that the model learns from now on; gives how many are new. Like `add_tokens` in Python. */
  addTokens(tokens: TokenLike | readonly TokenLike[], { specialTokens = false } = {}): number {
    const list = Array.isArray(tokens) ? (tokens as readonly TokenLike[]) : [tokens as TokenLike]
    return this.parts.tokenizer.vocabulary.add(
      list.map((token) => {
        const full = addedToken(token, specialTokens)
        return { ...full, special: full.special || specialTokens }
      }),
    )
  }

  /**
   * Give tokens their roles, and add them where they are new; gives how many are. Like `add_special_tokens` in Python.
   * @example
   * tokenizer.addSpecialTokens({ additional_special_tokens: ['<city>'] }) // 1
   */
  addSpecialTokens(tokens: SpecialTokenFields): number {
    const { special } = this.parts
    const added: TokenLike[] = []
    const full = (token: TokenLike) => (typeof token === 'string' ? addedToken(token, true) : token)
    // New tokens get their ids in the order they are given in.
    for (const [name, value] of Object.entries(tokens)) {
      if (value === undefined || value === null) continue
      if (name === 'additional_special_tokens') {
        special.additional = (value as readonly TokenLike[]).map(full)
        added.push(...special.additional)
      } else {
        special.roles.set(name as Role, full(value as TokenLike))
        added.push(value as TokenLike)
      }
    }
    return this.addTokens(added, { specialTokens: true })
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
   * Write these files into a directory, and give their paths. Like `save_pretrained` in Python.
   * @example
   * await tokenizer.savePretrained(await showDirectoryPicker({ mode: 'readwrite' }))
   * @throws {TokenizerError} when a chat template's name can't be a file's.
   * @throws {PermissionError} when the page may not write there.
   */
  async savePretrained(directory: FileSystemDirectoryHandle, options: SaveOptions = {}): Promise<string[]> {
    const { save } = await import('./save')
    return save(this.parts, directory, options)
  }

  /** Every token and its id, added ones included. Like `get_vocab` in Python. */
  getVocab(): Map<string, number> {
    const { model, vocabulary } = this.parts.tokenizer
    const vocab = new Map<string, number>()
    for (const [token, id] of model.entries()) vocab.set(token, vocabulary.idOf(token) ?? id)
    for (const [id, { content }] of vocabulary.tokens) vocab.set(content, id)
    return vocab
  }

  /** The added tokens by id, lowest first. Like `added_tokens_decoder` in Python. */
  get addedTokens(): [id: number, token: AddedToken][] {
    return this.parts.tokenizer.vocabulary.tokens
  }

  /** How many tokens the model's own vocabulary has. */
  get vocabSize(): number {
    return this.parts.tokenizer.model.size
  }

  /** How many tokens there are, added ones included. Like `len(tokenizer)` in Python. */
  get length(): number {
    return this.vocabSize + this.parts.tokenizer.vocabulary.extra
  }

  get allSpecialTokens(): string[] {
    return this.parts.special.all.map(contentOf)
  }

  get allSpecialIds(): number[] {
    return this.allSpecialTokens.flatMap((token) => this.convertTokensToIds(token) ?? [])
  }

  get additionalSpecialTokens(): string[] {
    return this.parts.special.additional.map(contentOf)
  }

  protected override roleToken(role: Role): string | undefined {
    return this.parts.special.contentOf(role)
  }

  protected override roleId(role: Role): number | undefined {
    const token = this.roleToken(role)
    return token === undefined ? undefined : this.convertTokensToIds(token)
  }

  protected override setRole(role: Role, token: string | undefined): void {
    const { roles } = this.parts.special
    if (token === undefined) roles.delete(role)
    else roles.set(role, token)
  }

  private batch(text: TextInput, options: CallOptions): BatchEncoding {
    return finish(this.steps(text, options))
  }

  private *steps(text: TextInput, options: CallOptions): Steps<BatchEncoding> {
    const { inputs, single } = inputsOf(text, options)
    if (options.isSplitIntoWords && this.parts.needsPrefixSpace) {
      throw new TokenizerError(
        'Lists of words need this tokenizer loaded with add_prefix_space: true in its configuration.',
      )
    }
    const padId = this.padTokenId
    const strategies = strategiesOf(options, this.parts.settings, padId !== undefined, this.warn)
    return yield* encodeBatch(
      inputs,
      single,
      this.parts,
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

function rowsOf({ shape, data }: IntegerTensor): Int32Array[] {
  const [rows = 0, length = 0] = shape
  return Array.from({ length: rows }, (_, row) => data.subarray(row * length, (row + 1) * length))
}
