/** @file `srcLang` and `tgtLang` of translation models' tokenizers, and Whisper's prefix: what stands around a text. */
import { type Direction, languageOf, languagesOfClass, languageTemplate } from '../converters/languages'
import { TokenizerError } from '../errors'
import { Tokenizer } from '../tokenizer'
import type { CallOptions } from './options'
import { VocabularyMethods } from './vocabulary-methods'

/** What Whisper's texts begin with. */
export interface PrefixOptions {
  /** Such as `'french'` or `'fr'`. */
  language?: string
  task?: 'transcribe' | 'translate'
  predictTimestamps?: boolean
}

export abstract class LanguageProperties extends VocabularyMethods {
  /**
   * The language of the texts, where the tokenizer is a translation model's. Like `src_lang` in Python.
   * @example
   * tokenizer.srcLang = 'deu_Latn'
   * tokenizer.convertIdsToTokens(tokenizer('Hallo').input_ids) // ['deu_Latn', '▁Hallo', '</s>']
   * @throws {TokenizerError} when one is set and the tokenizer knows no languages.
   */
  get srcLang(): string | undefined {
    return this.language('source')
  }
  set srcLang(language: string) {
    this.setLanguage('source', language)
  }

  /** The language of target texts, which the call takes as `textTarget`. Like `tgt_lang` in Python. */
  get tgtLang(): string | undefined {
    return this.language('target')
  }
  set tgtLang(language: string) {
    this.setLanguage('target', language)
  }

  /**
   * The id of a language's token, undefined where the tokenizer has no such language. Like `get_lang_id` of M2M100's in
   * Python.
   * @example
   * tokenizer.getLangId('fra_Latn') // 256057
   */
  getLangId(language: string): number | undefined {
    const { config, tokenizer } = this.parts
    const code = languagesOfClass(config.tokenizer_class ?? '')?.code(language)
    if (code === undefined) return undefined
    // A piece of a word may be spelled like a language, but no added token is.
    return tokenizer.model.reservedId?.(code) ?? tokenizer.vocabulary.kindOf(code)?.id
  }

  /**
   * Set what the texts of Whisper begin with; what is left out stays. Like `set_prefix_tokens` in Python.
   * @example
   * await tokenizer.setPrefixTokens({ language: 'french', task: 'transcribe' })
   * tokenizer.decode(tokenizer('Bonjour').input_ids)
   * // '<|startoftranscript|><|fr|><|transcribe|><|notimestamps|>Bonjour<|endoftext|>'
   * @throws {TokenizerError} when the tokenizer is not Whisper's, or knows no such language or task.
   */
  async setPrefixTokens({ language, task, predictTimestamps }: PrefixOptions): Promise<void> {
    const { parts } = this
    if (parts.config.tokenizer_class !== 'WhisperTokenizer')
      throw new TokenizerError(
        `Only Whisper's texts have a prefix; this is a ${parts.config.tokenizer_class}.`,
      )
    const { prefixTemplate } = await import('../converters/whisper')
    const config = {
      ...parts.config,
      ...(language !== undefined && { language }),
      ...(task !== undefined && { task }),
      ...(predictTimestamps !== undefined && { predict_timestamps: predictTimestamps }),
    }
    const postProcessor = prefixTemplate(config, this.eosToken ?? '', this.idOf)
    parts.config = config
    parts.tokenizer = parts.tokenizer.withPostProcessor(postProcessor)
  }

  /**
   * What Whisper's transcripts begin with, and where, as `forcedDecoderIds` of `generate` takes it; texts begin with it from now on.
   * Like `get_decoder_prompt_ids` in Python.
   * @example
   * await tokenizer.getDecoderPromptIds({ language: 'french', task: 'transcribe' }) // [[1, 50265], [2, 50359], [3, 50363]]
   * @throws {TokenizerError} when the tokenizer is not Whisper's, or knows no such language or task.
   */
  async getDecoderPromptIds({
    noTimestamps = true,
    ...prefix
  }: Omit<PrefixOptions, 'predictTimestamps'> & { noTimestamps?: boolean } = {}): Promise<
    [position: number, id: number][]
  > {
    await this.setPrefixTokens({ ...prefix, predictTimestamps: !noTimestamps })
    const { prefixTokens } = await import('../converters/whisper')
    return prefixTokens(this.parts.config)
      .slice(1) // the model starts with the first one by itself
      .map((token, i) => [i + 1, this.idOf(token)])
  }

  /**
   * Read and write another language from now on, of a tokenizer with a vocabulary for each. Like `set_target_lang` of Wav2Vec2's in
   * Python.
   * @example
   * await processor.tokenizer.setTargetLang('fra')
   * @throws {TokenizerError} when there is one vocabulary for all, or none for this language.
   */
  async setTargetLang(language: string): Promise<void> {
    const { parts } = this
    const { config, languages, special } = parts
    if (languages === undefined)
      throw new TokenizerError(
        `The vocabulary of this ${config.tokenizer_class ?? 'tokenizer'} is not one of several, so no language can be set.`,
      )
    if (!Object.hasOwn(languages, language))
      throw new TokenizerError(
        `There is no vocabulary for ${JSON.stringify(language)}. Choose one of ${Object.keys(languages).join(', ')}.`,
      )
    const { compileHere } = await import('../compiler/compile')
    const changed = { ...config, target_lang: language }
    const { compiled } = await compileHere(
      {
        // It has the form of one vocabulary, of which every entry is another.
        'vocab.json': languages as never,
        'tokenizer_config.json': { ...changed, ...special.fields },
      },
      {},
    )
    const before = languages[config.target_lang ?? ''] ?? {}
    const added = parts.tokenizer.vocabulary.tokens.filter(
      ([, { content }]) => !Object.hasOwn(before, content),
    )
    parts.config = changed
    parts.tokenizer = new Tokenizer(compiled)
    parts.tokenizer.vocabulary.add(added.map(([, token]) => token))
  }

  /** How the class's call pads, unless told otherwise. */
  protected get usualPadding(): Pick<CallOptions, 'padding' | 'padToMultipleOf'> {
    return languagesOfClass(this.parts.config.tokenizer_class ?? '')?.padding ?? {}
  }

  /** Put the language of source or of target texts around what is encoded from now on. */
  protected turnTo(direction: Direction): void {
    const { parts } = this
    parts.tokenizer = parts.tokenizer.turnedTo(direction)
    const languages = languagesOfClass(parts.config.tokenizer_class ?? '')
    if (languages === undefined) return
    const tokens = { eos: this.eosToken, unk: this.unkToken }
    const postProcessor = languageTemplate(languages, parts.config, direction, tokens, this.idOf)
    parts.tokenizer = parts.tokenizer.withPostProcessor(postProcessor)
  }

  private language(direction: Direction): string | undefined {
    const { config } = this.parts
    const languages = languagesOfClass(config.tokenizer_class ?? '')
    return languages && languageOf(languages, config, direction)
  }

  private setLanguage(direction: Direction, language: string): void {
    const { parts } = this
    const name = parts.config.tokenizer_class ?? ''
    if (languagesOfClass(name) === undefined)
      throw new TokenizerError(
        `The texts of a ${name || 'tokenizer without a class'} have no language to set.`,
      )
    parts.config = { ...parts.config, [direction === 'source' ? 'src_lang' : 'tgt_lang']: language }
    // Only Seamless puts its target language around texts at once, until the next call.
    if (direction === 'source' || name === 'SeamlessM4TTokenizer') this.turnTo(direction)
  }

  /** @throws {TokenizerError} when there is neither such a token nor an unknown one. */
  private readonly idOf = (token: string): number => {
    const id = this.parts.tokenizer.model.reservedId?.(token) ?? this.convertTokensToIds(token)
    if (id !== undefined) return id
    throw new TokenizerError(`The vocabulary has no token ${JSON.stringify(token)}, nor an unknown token.`)
  }
}
