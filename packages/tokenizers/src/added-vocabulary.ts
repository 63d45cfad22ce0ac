/** @file Tokens added beside a model's vocabulary: found in a text before the model sees it. */

import { finish, type Steps } from '@webformers/hub'
import { Matcher } from './matcher'
import type { Model, TokenKind } from './models'
import { type Normalizer, normalized } from './normalizers'
import { AlignedString } from './text/aligned-string'
import { isWhitespace, isWord, previous } from './text/characters'
import { Split, whole } from './text/split'

export interface AddedToken {
  content: string
  /** Matches only where no word goes on. */
  single_word: boolean
  /** Takes the white space on its left along. */
  lstrip: boolean
  /** Takes the white space on its right along. */
  rstrip: boolean
  /** Matches the normalized text, not the original. */
  normalized: boolean
  /** Can be skipped when decoding. */
  special: boolean
}

export const sameToken = (a: AddedToken, b: AddedToken) =>
  a.content === b.content &&
  a.single_word === b.single_word &&
  a.lstrip === b.lstrip &&
  a.rstrip === b.rstrip &&
  a.normalized === b.normalized &&
  a.special === b.special

export class AddedVocabulary {
  private readonly ids = new Map<string, number>()
  private readonly added = new Map<number, AddedToken>()
  private readonly special = new Map<string, AddedToken>()
  private readonly ordinary: AddedToken[] = []
  private raw = new Matcher([])
  private normalized = new Matcher([])

  constructor(
    private readonly model: Model,
    private readonly normalizer: Normalizer | undefined,
  ) {}

  idOf(token: string): number | undefined {
    return this.ids.get(token) ?? this.model.idOf(token) ?? this.model.reservedId?.(token)
  }

  /** What an added token is; nothing for one of the model's. */
  kindOf(token: string): TokenKind | undefined {
    const id = this.ids.get(token)
    return id === undefined ? undefined : { id, special: this.isSpecial(token) }
  }

  contentOf(id: number): string | undefined {
    return this.added.get(id)?.content
  }

  isSpecial(token: string): boolean {
    return this.special.has(token)
  }

  /** The added tokens by id, lowest first. */
  get tokens(): [id: number, token: AddedToken][] {
    return [...this.added].sort(([a], [b]) => a - b)
  }

  /** How many the model does not know. */
  get extra(): number {
    let count = 0
    for (const content of this.ids.keys()) if (this.model.idOf(content) === undefined) count++
    return count
  }

  /** Add tokens; how many were not there yet, as the Rust library counts. */
  add(tokens: readonly AddedToken[]): number {
    for (const token of tokens) {
      if (token.special && token.content !== '' && !this.special.has(token.content))
        this.special.set(token.content, token)
    }
    const known = new Map<string, AddedToken[]>()
    const remember = (token: AddedToken) => {
      const alike = known.get(token.content)
      if (alike === undefined) known.set(token.content, [token])
      else alike.push(token)
    }
    let next = this.model.size
    for (const [id, token] of this.added) {
      remember(token)
      next = Math.max(next, id + 1)
    }
    let count = 0
    for (const token of tokens) {
      const alike = known.get(token.content)
      if (token.content === '' || alike?.some((other) => sameToken(other, token))) continue
      const id = this.ids.get(token.content) ?? this.model.idOf(token.content) ?? next++
      this.ids.set(token.content, id)
      this.added.set(id, token)
      if (!this.special.has(token.content)) this.ordinary.push(token)
      remember(token)
      count++
    }
    if (count > 0) this.refresh()
    return count
  }

  /** The pieces of a text between added tokens, normalized, and the added tokens with their ids. */
  *extract(text: string, splitSpecialTokens: boolean): Steps<Split[]> {
    const result: Split[] = []
    const skips = (id: number) => splitSpecialTokens && this.special.has(this.added.get(id)!.content)
    let done = 0
    for (const piece of yield* this.divide(new AlignedString(text), this.raw, skips)) {
      if (piece.id !== undefined) result.push(piece)
      else {
        const rewritten = this.normalizer?.(piece.aligned) ?? piece.aligned
        const string = rewritten instanceof AlignedString ? rewritten : yield* rewritten
        if (string.text === '') continue
        if (this.normalized.isEmpty) result.push(whole(string))
        else for (const part of yield* this.divide(string, this.normalized, skips)) result.push(part)
      }
      if (++done % PIECES === 0) yield
    }
    return result
  }

  private *normalize(string: AlignedString): Steps<AlignedString> {
    return this.normalizer === undefined ? string : yield* normalized(string, this.normalizer)
  }

  private refresh(): void {
    const all = [...this.special.values(), ...this.ordinary]
    const entries = (rewritten: boolean) =>
      all
        .filter((token) => token.normalized === rewritten)
        .map(({ content }) => ({
          id: this.idOf(content)!,
          text: rewritten ? finish(this.normalize(new AlignedString(content))).text : content,
        }))
    this.raw = new Matcher(entries(false))
    this.normalized = new Matcher(entries(true))
  }

  private *divide(string: AlignedString, matcher: Matcher, skips: (id: number) => boolean): Steps<Split[]> {
    const { text } = string
    const result: Split[] = []
    let from = 0
    for (let match = matcher.next(text, 0); match !== undefined; match = matcher.next(text, match.end)) {
      const { id, start, end } = match
      const { single_word, lstrip, rstrip } = this.added.get(id)!
      if (skips(id) || (single_word && !isApart(text, start, end))) continue
      let left = start
      let right = end
      if (lstrip) {
        while (left > from && isWhitespace(text.charCodeAt(left - 1))) left--
        // The token before may have taken white space that this one begins with.
        left = Math.max(left, from)
      }
      if (rstrip) while (right < text.length && isWhitespace(text.charCodeAt(right))) right++
      if (left > from) result.push(new Split(string, from, left))
      if (right > left) result.push(new Split(string, left, right, id))
      from = right
      if (result.length % PIECES === 0) yield
    }
    if (from === 0 && text !== '') return [whole(string)]
    if (from < text.length) result.push(new Split(string, from, text.length))
    return result
  }
}

/** How many pieces are found before anyone else gets a turn. */
const PIECES = 4096

/** Whether no word goes on to the left or right of a match. */
function isApart(text: string, start: number, end: number): boolean {
  const before = start === 0 || !isWord(text.codePointAt(previous(text, start))!)
  return before && (end === text.length || !isWord(text.codePointAt(end)!))
}
