/** @file Words already seen, found by where they stand in a text: no string is made of a word that is known. */
import type { Word } from './models'

/** How many words are kept before all are forgotten. */
const WORDS = 40_000
/** In UTF-16 units; a longer word hardly comes again. */
const LENGTH = 64

/** The tokens of a word; one that covers all of it is kept as its id. */
export type Known = number | Word

export class WordCache {
  /** By the order in which words came. */
  private known: Known[] = []
  /** The units of all words, and where each one's end. */
  private units = new Uint16Array(1024)
  private ends = new Int32Array(128)
  /** Places by hash, −1 where there is none; at most half of them taken. */
  private slots = new Int32Array(256).fill(-1)

  /** The tokens of `text[start, end)`. */
  find(text: string, start: number, end: number): Known | undefined {
    const length = end - start
    if (length > LENGTH) return undefined
    const { units, ends, slots } = this
    let hash = SEED
    for (let i = start; i < end; i++) hash = mix(hash, text.charCodeAt(i))
    const mask = slots.length - 1
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]!
      if (place === -1) return undefined
      let at = place === 0 ? 0 : ends[place - 1]!
      if (ends[place]! - at !== length) continue
      let i = start
      while (i < end && units[at] === text.charCodeAt(i)) {
        i++
        at++
      }
      if (i === end) return this.known[place]
    }
  }

  /** Keep the tokens of a new word, if it is short enough. */
  set(text: string, word: Word): Known {
    const { ids, starts, ends, names } = word
    const whole = ids.length === 1 && starts[0] === 0 && ends[0] === text.length && names === undefined
    const known = whole ? ids[0]! : word
    if (text.length <= LENGTH) this.add(text, known)
    return known
  }

  private add(text: string, known: Known): void {
    if (this.known.length === WORDS) this.forget()
    const place = this.known.push(known) - 1
    let at = place === 0 ? 0 : this.ends[place - 1]!
    if (at + text.length > this.units.length) this.units = enlarged(this.units)
    if (place === this.ends.length) this.ends = enlarged(this.ends)
    for (let i = 0; i < text.length; i++) this.units[at++] = text.charCodeAt(i)
    this.ends[place] = at
    if (this.known.length * 2 > this.slots.length) this.rehash()
    else this.enter(place)
  }

  private forget(): void {
    this.known = []
    this.slots.fill(-1)
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4).fill(-1)
    for (let place = 0; place < this.known.length; place++) this.enter(place)
  }

  private enter(place: number): void {
    const { units, ends, slots } = this
    let hash = SEED
    for (let at = place === 0 ? 0 : ends[place - 1]!; at < ends[place]!; at++) hash = mix(hash, units[at]!)
    const mask = slots.length - 1
    let slot = spread(hash) & mask
    while (slots[slot] !== -1) slot = (slot + 1) & mask
    slots[slot] = place
  }
}

const SEED = 0x811c9dc5 | 0
const mix = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const spread = (hash: number): number => hash ^ (hash >>> 15)

function enlarged<Column extends Uint16Array | Int32Array>(column: Column): Column {
  const larger = new (column.constructor as new (length: number) => Column)(column.length * 2)
  larger.set(column)
  return larger
}
