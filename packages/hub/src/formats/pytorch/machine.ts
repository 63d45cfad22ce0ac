/** @file The machine that pickles are programs for: a stack with marks, a memo, and limits to all of them. */
import { findGlobal } from './globals'
import { type Problems, quoted } from './problems'
import { Global, isList, isTensor, isTuple, opaque, type Storage } from './values'

const MOST_STACKED = 2 ** 20
const MOST_REMEMBERED = 2 ** 21
const MOST_CONTAINERS = 2 ** 19 // of which a tensor takes six
const MOST_OF_A_NAME = 1000 // bytes of a module's name, or of what is taken from it

/** The bytes ended before the pickle did. */
export class EndOfBytes extends Error {}

export interface PickleOptions {
  problems: Problems
  /** Where the pickle lies, as messages say it. */
  place: string
  /** What a persistent id stands for: PyTorch keeps its storages outside the pickle. */
  storage: (id: readonly unknown[]) => Storage
}

const NEWLINE = 0x0a
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The stack of a pickle, its memo, and its bytes from `at` on. */
export class Machine {
  at: number
  /** What may be asked for again, by its number. */
  readonly memo: unknown[] = []
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #options: PickleOptions
  readonly #stack: unknown[] = []
  readonly #marks: number[] = []
  #containers = 0

  constructor(bytes: Uint8Array, start: number, options: PickleOptions) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#options = options
    this.at = start
  }

  #advance(length: number): number {
    const at = this.at
    if (at + length > this.#bytes.length) throw new EndOfBytes()
    this.at = at + length
    return at
  }
  byte = () => this.#view.getUint8(this.#advance(1))
  uint16 = () => this.#view.getUint16(this.#advance(2), true)
  uint32 = () => this.#view.getUint32(this.#advance(4), true)
  int32 = () => this.#view.getInt32(this.#advance(4), true)
  double = () => this.#view.getFloat64(this.#advance(8)) // the one number that pickles keep big endian
  skip(length: number) {
    this.#advance(length)
  }

  /** A whole number in two's complement, lowest byte first. */
  long(length: number): number | bigint {
    const at = this.#advance(length)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!)
    value = BigInt.asIntN(8 * length, value)
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  text(length: number): string {
    const at = this.#advance(length)
    try {
      return utf8.decode(this.#bytes.subarray(at, at + length))
    } catch (cause) {
      throw this.corrupt(`the text at byte ${at} is no UTF-8`, cause)
    }
  }

  line(): string {
    const end = this.#bytes.subarray(this.at, this.at + MOST_OF_A_NAME).indexOf(NEWLINE)
    if (end < 0 && this.at + MOST_OF_A_NAME <= this.#bytes.length)
      throw this.corrupt(`the name at byte ${this.at} has no end`)
    if (end < 0) throw new EndOfBytes()
    const line = this.text(end)
    this.skip(1)
    return line
  }

  push(value: unknown) {
    if (this.#stack.length >= MOST_STACKED) throw this.corrupt(`it stacks more than ${MOST_STACKED} values`)
    this.#stack.push(value)
  }
  /** A value that holds others: what a byte each of an endless file could make of them has to end somewhere. */
  pushContainer(value: unknown) {
    if (++this.#containers > MOST_CONTAINERS)
      throw this.corrupt(`it has more than ${MOST_CONTAINERS} lists and dictionaries`)
    this.push(value)
  }
  pop(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#malformed()
    return this.#stack.pop()
  }
  top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#malformed()
    return this.#stack.at(-1)
  }
  mark() {
    if (this.#marks.length >= MOST_STACKED) throw this.corrupt(`it sets more than ${MOST_STACKED} marks`)
    this.#marks.push(this.#stack.length)
  }
  popMark(): unknown[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw this.#malformed()
    return this.#stack.splice(mark)
  }
  popSome(count: number): unknown[] {
    const items = Array.from({ length: count }, () => this.pop())
    return items.reverse()
  }

  remember(index: number) {
    if (index >= MOST_REMEMBERED) throw this.corrupt(`it remembers more than ${MOST_REMEMBERED} values`)
    this.memo[index] = this.top()
  }
  recall(index: number) {
    const value = this.memo[index]
    if (value === undefined)
      throw this.corrupt(`at byte ${this.at} it asks for value ${index}, which is none`)
    this.push(value)
  }

  append(items: readonly unknown[]) {
    const list = this.top()
    if (!isList(list)) throw this.#malformed()
    for (const item of items) list.push(item)
  }
  setItems(items: readonly unknown[]) {
    const dictionary = this.top()
    if (!(dictionary instanceof Map) || items.length % 2 !== 0) throw this.#malformed()
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1])
  }

  pushGlobal(module: unknown, name: unknown) {
    if (typeof module !== 'string' || typeof name !== 'string') throw this.#malformed()
    const global = findGlobal(module, name)
    if (!global) throw this.#unsafe(`names ${quoted(`${module}.${name}`)}`)
    this.push(global)
  }
  /** What Python would call, or make an object of. */
  call() {
    const parameters = this.pop()
    const callee = this.pop()
    if (!(callee instanceof Global && callee.call))
      throw this.#unsafe(`calls ${callee instanceof Global ? quoted(callee.path) : 'what is no function'}`)
    const made = isTuple(parameters) ? callee.call(parameters) : undefined
    if (made === undefined)
      throw this.corrupt(`at byte ${this.at} ${callee.path} is given arguments that don't fit`)
    this.pushContainer(made)
  }
  /** Attributes of an object, none of which a tensor needs. */
  build() {
    this.pop()
    const target = this.top()
    if (!(target instanceof Map || isTensor(target) || target === opaque))
      throw this.#unsafe('sets the attributes of what is no dictionary and no tensor')
  }
  persistent() {
    const id = this.pop()
    if (!isTuple(id)) throw this.#malformed()
    this.pushContainer(this.#options.storage(id))
  }

  corrupt(what: string, cause?: unknown) {
    return this.#options.problems.corrupt(`in ${this.#options.place}, ${what}`, cause)
  }
  #unsafe(what: string) {
    return this.#options.problems.unsafe(`${this.#options.place} ${what} (before byte ${this.at})`)
  }
  /** The error of an instruction that is not followed; it has a name where pickles in general have it. */
  unknown(code: number, at: number, name: string | undefined) {
    const hex = `0x${code.toString(16).padStart(2, '0')}`
    return name
      ? this.#options.problems.unsafe(`${this.#options.place} has the instruction ${name} at byte ${at}`)
      : this.corrupt(`byte ${at} is ${hex}, which is no instruction`)
  }
  #malformed() {
    return this.corrupt(`the instruction before byte ${this.at} finds other values than it needs`)
  }
}
