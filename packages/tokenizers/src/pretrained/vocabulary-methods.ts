/** @file A tokenizer's tokens: between text and id, added ones, and those that are special. */
import type { AddedToken } from '../added-vocabulary'
import { TokenizerError } from '../errors'
import { checkedId, type IdList, listOf } from './ids'
import { SettingsProperties } from './settings-properties'
import {
  addedToken,
  contentOf,
  ROLES,
  type Role,
  type SpecialTokenFields,
  type TokenLike,
} from './special-tokens'

export abstract class VocabularyMethods extends SettingsProperties {
  /** A token's id, the unknown token's if there is no such token. Like `convert_tokens_to_ids` in Python. */
  convertTokensToIds(token: string): number | undefined
  convertTokensToIds(tokens: readonly string[]): (number | undefined)[]
  convertTokensToIds(tokens: string | readonly string[]): number | undefined | (number | undefined)[] {
    if (typeof tokens !== 'string') return tokens.map((token) => this.convertTokensToIds(token))
    return (
      this.parts.tokenizer.vocabulary.idOf(tokens) ?? (tokens === this.unkToken ? undefined : this.unkTokenId)
    )
  }

  /**
   * An id's token, undefined where there is none. Like `convert_ids_to_tokens` in Python.
   * @throws {TokenizerError} when an id is negative or no whole number.
   */
  convertIdsToTokens(id: number): string | undefined
  convertIdsToTokens(ids: IdList, options?: { skipSpecialTokens?: boolean }): (string | undefined)[]
  convertIdsToTokens(
    ids: number | IdList,
    { skipSpecialTokens = false }: { skipSpecialTokens?: boolean } = {},
  ): string | undefined | (string | undefined)[] {
    const { tokenizer } = this.parts
    if (typeof ids === 'number') return tokenizer.tokenOf(checkedId(ids))
    const skipped = new Set(skipSpecialTokens ? this.allSpecialIds : [])
    return Array.from(listOf(ids), checkedId)
      .filter((id) => !skipped.has(id))
      .map((id) => tokenizer.tokenOf(id))
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
   * @param options `replaceAdditionalSpecialTokens: false` keeps the tokens without a role that there are.
   * @example
   * tokenizer.addSpecialTokens({ additional_special_tokens: ['<city>'] }) // 1
   * @throws {TokenizerError} when there is no such role.
   */
  addSpecialTokens(
    tokens: SpecialTokenFields,
    { replaceAdditionalSpecialTokens = true }: { replaceAdditionalSpecialTokens?: boolean } = {},
  ): number {
    const { special } = this.parts
    const added: TokenLike[] = []
    const full = (token: TokenLike) => (typeof token === 'string' ? addedToken(token, true) : token)
    // New tokens get their ids in the order they are given in.
    for (const [name, value] of Object.entries(tokens)) {
      if (value === undefined || value === null) continue
      if (name === 'additional_special_tokens') {
        const known = new Set(replaceAdditionalSpecialTokens ? [] : this.additionalSpecialTokens)
        const given = (value as readonly TokenLike[])
          .map(full)
          .filter((token) => !known.has(contentOf(token)))
        // As in Python an empty list replaces nothing.
        if (!replaceAdditionalSpecialTokens) special.additional = [...special.additional, ...given]
        else if (given.length > 0) special.additional = given
        added.push(...given)
      } else if (ROLES.includes(name as Role)) {
        special.roles.set(name as Role, full(value as TokenLike))
        added.push(value as TokenLike)
      } else {
        throw new TokenizerError(
          `There is no role ${JSON.stringify(name)}, but ${ROLES.join(', ')} and additional_special_tokens. ` +
            'For tokens without a role use addTokens(tokens, { specialTokens: true }).',
        )
      }
    }
    return this.addTokens(added, { specialTokens: true })
  }

  /** Every token and its id, added ones included. Like `get_vocab` in Python. */
  getVocab(): Map<string, number> {
    const { model, vocabulary } = this.parts.tokenizer
    const vocab = new Map<string, number>()
    for (const [token, id] of model.entries()) vocab.set(token, vocabulary.idOf(token) ?? id)
    for (const [id, { content }] of vocabulary.tokens) vocab.set(content, id)
    return vocab
  }

  /** The added tokens and their ids, lowest first. Like `get_added_vocab` in Python. */
  getAddedVocab(): Map<string, number> {
    return new Map(this.addedTokens.map(([id, { content }]) => [content, id]))
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
    const { model, vocabulary } = this.parts.tokenizer
    return model.size - (model.repeated ?? 0) + vocabulary.extra
  }

  /** The texts of all special tokens by role. Like `special_tokens_map` in Python. */
  get specialTokensMap(): Partial<Record<Role, string>> & { additional_special_tokens?: string[] } {
    const { special } = this.parts
    const additional = special.additional.length > 0 && {
      additional_special_tokens: this.additionalSpecialTokens,
    }
    const roles = ROLES.flatMap((role) => {
      const token = special.contentOf(role)
      return token ? [[role, token]] : []
    })
    return { ...Object.fromEntries(roles), ...additional }
  }

  get allSpecialTokens(): string[] {
    return this.parts.special.all.map(contentOf)
  }

  get allSpecialIds(): number[] {
    return this.allSpecialTokens.flatMap((token) => this.convertTokensToIds(token) ?? [])
  }

  /** The special tokens without a role. */
  get additionalSpecialTokens(): string[] {
    return this.parts.special.additional.map(contentOf)
  }
  set additionalSpecialTokens(tokens: readonly TokenLike[]) {
    this.parts.special.additional = [...tokens]
  }

  get additionalSpecialTokensIds(): (number | undefined)[] {
    return this.convertTokensToIds(this.additionalSpecialTokens)
  }

  /**
   * 1 for each id that is a special token's, 0 for the others. Like `get_special_tokens_mask` in Python with
   * `already_has_special_tokens=True`, the only way in which fast tokenizers take it.
   * @example
   * tokenizer.getSpecialTokensMask([101, 7592, 102]) // [1, 0, 1]
   */
  getSpecialTokensMask(ids: IdList): (0 | 1)[] {
    const special = new Set(this.allSpecialIds)
    return Array.from(listOf(ids), (id) => (special.has(id) ? 1 : 0))
  }

  protected override roleToken(role: Role): string | undefined {
    return this.parts.special.contentOf(role)
  }

  protected override roleId(role: Role): number | undefined {
    const token = this.roleToken(role)
    return token === undefined ? undefined : this.convertTokensToIds(token)
  }

  protected override setRole(role: Role, token: TokenLike | undefined): void {
    const { roles } = this.parts.special
    if (token === undefined) roles.delete(role)
    else roles.set(role, token)
  }

  protected override setRoleId(role: Role, id: number | undefined): void {
    this.setRole(role, id === undefined ? undefined : this.convertIdsToTokens(id))
  }
}
