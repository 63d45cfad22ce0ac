/** @file Characters as bytes: in UTF-8, and within strings of JSON with what has to be escaped. */
import type { ByteAutomaton } from './byte-automaton'
import { LAST } from './characters'
import { ANY, after, classOf, commonStarts, type Dfa } from './dfa'

/** How characters are written. */
export interface Spelling {
  /** As a string of JSON, in quotes. */
  readonly json: boolean
  /** Whether any character may be written as `\uXXXX`, not only those that have no other way. */
  readonly escapes: boolean
}

/** Where one is within a character: what it may still become, by code points that are left. */
type Place =
  | { readonly kind: 'open' | 'closed' }
  | { readonly kind: 'character' | 'escape'; readonly state: number }
  | {
      readonly kind: 'utf8' | 'hex'
      readonly state: number
      readonly first: number
      readonly last: number
      readonly left: number
    }
  /** The same, where it does not matter which character it becomes. */
  | { readonly kind: 'any utf8' | 'any hex'; readonly to: number; readonly left: number }

/** Places without a range; the most bytes or digits that one lacks. */
const KINDS = ['character', 'escape', 'any utf8', 'any hex'] as const
const MOST_LEFT = 4

function keyOf(place: Place): string | number {
  switch (place.kind) {
    case 'open':
    case 'closed':
      return place.kind
    case 'character':
    case 'escape':
      return numbered(place.kind, place.state, 0)
    case 'any utf8':
    case 'any hex':
      return numbered(place.kind, place.to, place.left)
    case 'utf8':
    case 'hex':
      return `${place.kind} ${place.state} ${place.first} ${place.last} ${place.left}`
  }
}

/** Numbers are found sooner than texts. */
const numbered = (kind: (typeof KINDS)[number], state: number, left: number) =>
  (state * (MOST_LEFT + 1) + left) * KINDS.length + KINDS.indexOf(kind)

const QUOTE = 0x22
const BACKSLASH = 0x5c
const ESCAPES: Readonly<Record<string, number>> = {
  '"': 0x22,
  '\\': 0x5c,
  '/': 0x2f,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
}
/** The least code point of so many bytes after the first. */
const LEAST = [0, 0x80, 0x800, 0x10000]

/** The automaton of a text's bytes. It is made as it is walked through: of long ones, texts come to few states. */
export class SpelledAutomaton implements ByteAutomaton {
  readonly start = 0
  readonly #places: Place[] = []
  readonly #ids = new Map<string | number, number>()
  /** For each state the next one by the byte. */
  readonly #rows: Int32Array[] = []
  readonly #step: (place: Place, byte: number) => Place | undefined
  readonly #comesToAnEnd: (place: Place) => boolean
  #anything: number | undefined

  constructor(
    readonly dfa: Dfa,
    readonly spelling: Spelling,
  ) {
    const step = stepper(dfa, spelling)
    this.#step = step
    // A backslash where nothing has to be escaped is the only beginning of nothing.
    this.#comesToAnEnd = (place) =>
      place.kind !== 'escape' || BYTES.escape.some((byte) => step(place, byte) !== undefined)
    this.#idOf(spelling.json ? { kind: 'open' } : { kind: 'character', state: 0 })
  }

  step(state: number, byte: number): number {
    const next = this.#rows[state]![byte]!
    return next === UNKNOWN ? this.#spell(state, byte) : next
  }

  accepts(state: number): boolean {
    const place = this.#places[state]!
    if (this.spelling.json) return place.kind === 'closed'
    return place.kind === 'character' && this.dfa.accepts[place.state]!
  }

  /** The state of another automaton of the same spelling, which takes any text, that goes on as this one does from a state where any
   * text may follow; -1 where not any text may. */
  stateOfAny(state: number, any: SpelledAutomaton): number {
    this.#anything ??= stateOfAnything(this.dfa)
    const place = this.#places[state]!
    switch (place.kind) {
      case 'open':
        return -1
      case 'closed':
        return any.#idOf(place)
      case 'any utf8':
      case 'any hex':
        return place.to === this.#anything ? any.#idOf({ ...place, to: 0 }) : -1
      default:
        return place.state === this.#anything ? any.#idOf({ ...place, state: 0 }) : -1
    }
  }

  #spell(state: number, byte: number): number {
    const place = this.#places[state]!
    const next =
      place.kind === 'character' || BYTES[place.kind].includes(byte) ? this.#step(place, byte) : undefined
    const id = next && this.#comesToAnEnd(next) ? this.#idOf(next) : -1
    this.#rows[state]![byte] = id
    return id
  }

  #idOf(place: Place): number {
    const key = keyOf(place)
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.#places.push(place) - 1
    this.#ids.set(key, id)
    this.#rows.push(new Int32Array(256).fill(UNKNOWN))
    return id
  }
}

const UNKNOWN = -2

/** The state from which any text is accepted; -1 where there is none. */
function stateOfAnything(dfa: Dfa): number {
  const starts = commonStarts([dfa.starts, ANY.starts])
  return dfa.accepts.findIndex(
    (accepts, state) =>
      accepts && starts.every((code) => after(dfa, state, code) === (after(ANY, 0, code) < 0 ? -1 : state)),
  )
}

const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => byte)
const bytesOf = (letters: string) => Array.from(letters, (letter) => letter.charCodeAt(0))
const CONTINUATIONS = ALL_BYTES.slice(0x80, 0xc0)
const HEX = bytesOf('0123456789abcdefABCDEF')

/** The bytes that may follow, place by place. */
const BYTES: Readonly<Record<Place['kind'], readonly number[]>> = {
  open: [QUOTE],
  closed: [],
  character: ALL_BYTES,
  escape: bytesOf('"\\/bfnrtu'),
  utf8: CONTINUATIONS,
  'any utf8': CONTINUATIONS,
  hex: HEX,
  'any hex': HEX,
}

function stepper(dfa: Dfa, { json, escapes }: Spelling): (place: Place, byte: number) => Place | undefined {
  const to = (state: number, code: number): Place | undefined => {
    const next = after(dfa, state, code)
    return next < 0 ? undefined : { kind: 'character', state: next }
  }

  /** A character of which `left` digits of `bits` bits are missing. */
  function partial(
    kind: 'utf8' | 'hex',
    state: number,
    [first, last]: readonly [number, number],
    left: number,
    bits: number,
  ): Place | undefined {
    if (first > last) return undefined
    if (left === 0) return to(state, first)
    const targets = new Set<number>()
    for (let c = classOf(dfa, first); c < dfa.starts.length && dfa.starts[c]! <= last; c++)
      targets.add(dfa.table[state * dfa.starts.length + c]!)
    const [only] = targets
    if (targets.size === 1 && only! < 0) return undefined
    const whole = first % (1 << (bits * left)) === 0 && last === first + (1 << (bits * left)) - 1
    return targets.size === 1 && whole
      ? { kind: `any ${kind}`, to: only!, left }
      : { kind, state, first, last, left }
  }

  /** What is left of a range when its next digit is known. */
  function narrowed(
    first: number,
    last: number,
    left: number,
    bits: number,
    digit: number,
  ): readonly [number, number] {
    const size = 1 << (bits * (left - 1))
    const base = first - (first % (size << bits)) + digit * size
    return [Math.max(first, base), Math.min(last, base + size - 1)]
  }

  function character(state: number, byte: number): Place | undefined {
    if (byte < 0x80) {
      if (!json) return to(state, byte)
      if (byte === QUOTE) return dfa.accepts[state] ? { kind: 'closed' } : undefined
      if (byte === BACKSLASH) return { kind: 'escape', state }
      return byte < 0x20 ? undefined : to(state, byte)
    }
    const left = byte < 0xc2 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf5 ? 3 : 0
    if (left === 0) return undefined
    const base = (byte & (0x3f >> left)) << (6 * left)
    const range = [Math.max(base, LEAST[left]!), Math.min(base + (1 << (6 * left)) - 1, LAST)] as const
    return partial('utf8', state, range, left, 6)
  }

  return (place, byte) => {
    switch (place.kind) {
      case 'open':
        return { kind: 'character', state: 0 }
      case 'closed':
        return undefined
      case 'character':
        return character(place.state, byte)
      case 'escape': {
        const letter = String.fromCharCode(byte)
        if (letter === 'u') return partial('hex', place.state, [0, escapes ? 0xffff : 0x1f], 4, 4)
        return Object.hasOwn(ESCAPES, letter) ? to(place.state, ESCAPES[letter]!) : undefined
      }
      case 'utf8':
      case 'hex': {
        const { kind, state, first, last, left } = place
        const digit = kind === 'utf8' ? continuation(byte) : hexDigit(byte)
        const bits = kind === 'utf8' ? 6 : 4
        return partial(kind, state, narrowed(first, last, left, bits, digit), left - 1, bits)
      }
      case 'any utf8':
      case 'any hex': {
        const { kind, to: state, left } = place
        return left === 1 ? { kind: 'character', state } : { kind, to: state, left: left - 1 }
      }
    }
  }
}

const continuation = (byte: number): number => byte & 0x3f
const hexDigit = (byte: number): number => (byte < 0x40 ? byte - 0x30 : (byte & 0xf) + 9)
