/** @file A SentencePiece `.model` file: the few fields of its protocol buffer that make a tokenizer. */
import { TokenizerError } from '../errors'

export const PIECE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const
export const MODEL = { unigram: 1, bpe: 2 } as const

export interface Piece {
  text: string
  score: number
  /** Of `PIECE`. */
  type: number
}

export interface SentencePieceModel {
  pieces: Piece[]
  /** Of `MODEL`, or another that nobody can convert. */
  modelType: number
  unkId: number
  unkPiece: string
  byteFallback: boolean
  /** Whether a space comes after a word, and not before it. */
  spaceAsSuffix: boolean
  /** The normalizer's trie and replacements; empty where there is none. */
  charsmap: Uint8Array
  addDummyPrefix: boolean
  removeExtraWhitespaces: boolean
  escapeWhitespaces: boolean
}

/** A field's number, and its value: a number, or the place of its bytes. */
interface Field {
  number: number
  value: number
  start: number
  end: number
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws {TokenizerError} when the bytes are no SentencePiece model. */
export function readSentencePieceModel(bytes: Uint8Array, name: string): SentencePieceModel {
  const model: SentencePieceModel = {
    pieces: [],
    modelType: MODEL.unigram,
    unkId: 0,
    unkPiece: '<unk>',
    byteFallback: false,
    spaceAsSuffix: false,
    charsmap: new Uint8Array(0),
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  }
  try {
    const reader = new Reader(bytes)
    for (const field of reader.fields(0, bytes.length)) {
      if (field.number === 1) model.pieces.push(readPiece(reader, field))
      else if (field.number === 2) readTrainer(reader, field, model)
      else if (field.number === 3) readNormalizer(reader, field, model, bytes)
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TokenizerError(`${name} is no SentencePiece model: ${reason}`, { cause })
  }
  if (model.pieces.length === 0)
    throw new TokenizerError(`${name} is no SentencePiece model: it has no pieces.`)
  return model
}

function readPiece(reader: Reader, { start, end }: Field): Piece {
  const piece: Piece = { text: '', score: 0, type: PIECE.normal }
  for (const field of reader.fields(start, end)) {
    if (field.number === 1) piece.text = reader.text(field)
    else if (field.number === 2) piece.score = reader.float(field)
    else if (field.number === 3) piece.type = field.value
  }
  return piece
}

function readTrainer(reader: Reader, { start, end }: Field, model: SentencePieceModel): void {
  for (const field of reader.fields(start, end)) {
    if (field.number === 3) model.modelType = field.value
    else if (field.number === 24) model.spaceAsSuffix = field.value !== 0
    else if (field.number === 35) model.byteFallback = field.value !== 0
    else if (field.number === 40) model.unkId = field.value
    else if (field.number === 45) model.unkPiece = reader.text(field)
  }
}

function readNormalizer(reader: Reader, field: Field, model: SentencePieceModel, bytes: Uint8Array): void {
  for (const { number, value, start, end } of reader.fields(field.start, field.end)) {
    if (number === 2) model.charsmap = bytes.subarray(start, end)
    else if (number === 3) model.addDummyPrefix = value !== 0
    else if (number === 4) model.removeExtraWhitespaces = value !== 0
    else if (number === 5) model.escapeWhitespaces = value !== 0
  }
}

/** The wire format of protocol buffers. */
class Reader {
  private readonly view: DataView
  private position = 0

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  *fields(start: number, end: number): Generator<Field> {
    let next = start
    while (next < end) {
      this.position = next
      const key = this.varint(end)
      const wire = key & 7
      const value = wire === 0 || wire === 2 ? this.varint(end) : 0
      const length = wire === 2 ? value >>> 0 : WIRE_LENGTH[wire]
      if (length === undefined) throw new Error(`unknown wire type ${wire} at byte ${next}.`)
      next = this.position + length
      if (next > end) throw new Error(`a field at byte ${this.position} goes beyond the end.`)
      yield { number: key >>> 3, value, start: this.position, end: next }
    }
  }

  text({ start, end }: Field): string {
    return decoder.decode(this.bytes.subarray(start, end))
  }

  float({ start, end }: Field): number {
    if (end - start !== 4) throw new Error(`the number at byte ${start} does not have four bytes.`)
    return this.view.getFloat32(start, true)
  }

  /** The lower 32 bits are all that any field here needs. */
  private varint(end: number): number {
    let result = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.position < end ? this.bytes[this.position++]! : undefined
      if (byte === undefined) break
      if (shift < 32) result |= (byte & 0x7f) << shift
      if (byte < 0x80) return result
    }
    throw new Error(`the number before byte ${this.position} does not end.`)
  }
}

/** Bytes of a value by its wire type; a varint is read by then. */
const WIRE_LENGTH: Record<number, number> = { 0: 0, 1: 8, 5: 4 }
