/** @file Token ↔ id in typed arrays: an open hash over UTF-16 units, with no string of its own a token. */

import type { Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'

/** A vocabulary as it is stored and handed over: the tokens by id, one after the other. */
export interface CompiledVocabulary {
  units: Uint16Array<ArrayBuffer>
  /** Where each token's units begin, and where the last one's end. */
  offsets: Uint32Array<ArrayBuffer>
  /** Places by hash, −1 where there is none; a power of two of them. */
  slots: Int32Array<ArrayBuffer>
  /** The id at each place, where ids are not 0, 1, 2, … */
  ids?: Int32Array<ArrayBuffer>
}

/** How many entries a step takes: a few milliseconds. */
const STEP = 8192

export class Vocabulary {
  /** The most units a token has. */
  readonly longest: number

  constructor(private readonly compiled: CompiledVocabulary) {
    const { offsets } = compiled
    let longest = 0
    for (let i = 1; i < offsets.length; i++) longest = Math.max(longest, offsets[i]! - offsets[i - 1]!)
    this.longest = longest
  }

  get size(): number {
    return this.compiled.offsets.length - 1
  }

  /** How many tokens have the text of another one. */
  get repeated(): number {
    return this.compiled.slots.reduce((left, place) => (place === -1 ? left : left - 1), this.size)
  }

  /** The id of `prefix` and `text[start, end)` together, −1 where there is no such token. */
  find(text: string, start: number, end: number, prefix = ''): number {
    const { units, offsets, slots, ids } = this.compiled
    const before = prefix.length
    const length = before + end - start
    if (length > this.longest) return -1
    let hash = SEED
    for (let i = 0; i < before; i++) hash = mix(hash, prefix.charCodeAt(i))
    for (let i = start; i < end; i++) hash = mix(hash, text.charCodeAt(i))
    const mask = slots.length - 1
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]!
      if (place === -1) return -1
      let at = offsets[place]!
      if (offsets[place + 1]! - at !== length) continue
      let i = 0
      while (i < before && units[at] === prefix.charCodeAt(i)) {
        i++
        at++
      }
      if (i < before) continue
      i = start
      while (i < end && units[at] === text.charCodeAt(i)) {
        i++
        at++
      }
      if (i === end) return ids === undefined ? place : ids[place]!
    }
  }

  idOf(token: string): number | undefined {
    const id = this.find(token, 0, token.length)
    return id === -1 ? undefined : id
  }

  tokenOf(id: number): string | undefined {
    const place = this.placeOf(id)
    return place === -1 ? undefined : this.tokenAt(place)
  }

  /** Every token and its id, lowest first. */
  *entries(): Generator<[token: string, id: number]> {
    const { ids } = this.compiled
    for (let place = 0; place < this.size; place++) yield [this.tokenAt(place), ids?.[place] ?? place]
  }

  private tokenAt(place: number): string {
    const { units, offsets } = this.compiled
    let token = ''
    for (let i = offsets[place]!; i < offsets[place + 1]!; i++) token += String.fromCharCode(units[i]!)
    return token
  }

  private placeOf(id: number): number {
    const { ids } = this.compiled
    if (ids === undefined) return Number.isInteger(id) && id >= 0 && id < this.size ? id : -1
    let low = 0
    let high = ids.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      if (ids[middle] === id) return middle
      if (ids[middle]! < id) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}

/** @throws {TokenizerError} when the entries are no tokens with ids. */
export function* compileVocabulary(
  vocab: Readonly<Record<string, number>>,
  model: string,
): Steps<CompiledVocabulary> {
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) {
    throw new TokenizerError(
      `${model}: "vocab" must be an object of tokens and ids, but it is ${Array.isArray(vocab) ? 'a list' : String(vocab)}.`,
    )
  }
  const names = Object.keys(vocab)
  yield
  const byId = new Array<string | undefined>(names.length)
  let ordered = true
  for (let i = 0; i < names.length; i++) {
    const token = names[i]!
    const id = vocab[token]!
    if (!Number.isInteger(id) || id < 0 || id > MAX_ID) {
      throw new TokenizerError(
        `${model}: the id of ${JSON.stringify(token)} must be a whole number below 2³¹, but it is ${String(id)}.`,
      )
    }
    if (id < names.length && byId[id] === undefined) byId[id] = token
    else ordered = false
    if (i % STEP === STEP - 1) yield
  }
  if (ordered) return yield* compileTokens(byId as string[])
  names.sort((a, b) => vocab[a]! - vocab[b]!)
  const compiled = yield* compileTokens(names)
  return { ...compiled, ids: Int32Array.from(names, (token) => vocab[token]!) }
}

const MAX_ID = 2 ** 31 - 1

/** Tokens whose place is their id; of two alike the later one counts. */
export function* compileTokens(tokens: readonly string[]): Steps<CompiledVocabulary> {
  const offsets = new Uint32Array(tokens.length + 1)
  for (let i = 0; i < tokens.length; i++) offsets[i + 1] = offsets[i]! + tokens[i]!.length
  const units = new Uint16Array(offsets.at(-1)!)
  let capacity = 16
  while (capacity < tokens.length * 1.75) capacity *= 2
  const slots = new Int32Array(capacity).fill(-1)
  for (let place = 0; place < tokens.length; place++) {
    const token = tokens[place]!
    let hash = SEED
    for (let i = 0, at = offsets[place]!; i < token.length; i++) {
      const unit = token.charCodeAt(i)
      units[at++] = unit
      hash = mix(hash, unit)
    }
    let slot = spread(hash) & (capacity - 1)
    while (slots[slot] !== -1 && tokens[slots[slot]!] !== token) slot = (slot + 1) & (capacity - 1)
    slots[slot] = place
    if (place % STEP === STEP - 1) yield
  }
  return { units, offsets, slots }
}

const SEED = 0x811c9dc5 | 0
const mix = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const spread = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0
