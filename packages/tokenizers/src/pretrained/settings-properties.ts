/** @file `modelMaxLength`, `paddingSide` and their like: what a tokenizer's call goes by. */
import type { Side } from '../encoding'
import type { Parts } from './assemble'
import type { ChatTemplate } from './chat-template'
import { SpecialTokenProperties } from './special-token-properties'

export abstract class SettingsProperties extends SpecialTokenProperties {
  /** @internal */
  constructor(protected readonly parts: Parts) {
    super()
  }

  /** The model's template for conversations, or several by name. */
  get chatTemplate(): ChatTemplate | undefined {
    return this.parts.chatTemplate
  }
  set chatTemplate(template: ChatTemplate | undefined) {
    this.parts.chatTemplate = template
  }

  /** The model's limit in tokens; 1e30 where it has none. */
  get modelMaxLength(): number {
    return this.parts.settings.modelMaxLength
  }
  set modelMaxLength(length: number) {
    this.parts.settings.modelMaxLength = length
  }

  /** What the model takes, such as `['input_ids', 'attention_mask']`. */
  get modelInputNames(): string[] {
    return this.parts.settings.modelInputNames
  }
  set modelInputNames(names: string[]) {
    this.parts.settings.modelInputNames = names
  }

  get paddingSide(): Side {
    return this.parts.settings.paddingSide
  }
  set paddingSide(side: Side) {
    this.parts.settings.paddingSide = side
  }

  get truncationSide(): Side {
    return this.parts.settings.truncationSide
  }
  set truncationSide(side: Side) {
    this.parts.settings.truncationSide = side
  }

  /** Whether decode takes out the spaces before punctuation. */
  get cleanUpTokenizationSpaces(): boolean {
    return this.parts.settings.cleanUpTokenizationSpaces
  }
  set cleanUpTokenizationSpaces(cleans: boolean) {
    this.parts.settings.cleanUpTokenizationSpaces = cleans
  }

  /** Whether special tokens in a text are text. */
  get splitSpecialTokens(): boolean {
    return this.parts.settings.splitSpecialTokens
  }
  set splitSpecialTokens(splits: boolean) {
    this.parts.settings.splitSpecialTokens = splits
  }

  /** How many tokens of one text the model takes beside its special ones. Like `max_len_single_sentence` in Python. */
  get maxLenSingleSentence(): number {
    return this.modelMaxLength - this.parts.tokenizer.specialTokens(false)
  }

  /** How many of a pair. Like `max_len_sentences_pair` in Python. */
  get maxLenSentencesPair(): number {
    return this.modelMaxLength - this.parts.tokenizer.specialTokens(true)
  }

  get padTokenTypeId(): number {
    return this.parts.settings.padTokenTypeId
  }
}
