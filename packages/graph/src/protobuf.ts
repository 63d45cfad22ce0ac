/** @file The protobuf wire format, as far as ONNX needs it. */

const VARINT = 0
const LENGTH = 2
const FIXED32 = 5
const utf8 = new TextEncoder()

/** A message under construction. Fields may come in any order; a repeated field is written once an entry. */
export class Message {
  #bytes = new Uint8Array(64)
  #length = 0

  integer(field: number, value: number | bigint) {
    this.#varint((field << 3) | VARINT)
    return this.#varint(value)
  }
  float(field: number, value: number) {
    this.#varint((field << 3) | FIXED32)
    return this.#append(new Uint8Array(Float32Array.of(value).buffer))
  }
  string(field: number, value: string) {
    const start = this.#length
    this.begin(field, value.length).#reserve(value.length)
    // Names are short and ASCII: for each of them an encoder takes longer than the rest of its field.
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 127) {
        this.#length = start
        return this.bytes(field, utf8.encode(value))
      }
      this.#bytes[this.#length++] = unit
    }
    return this
  }
  message(field: number, value: Message) {
    return this.bytes(field, value.#bytes.subarray(0, value.#length))
  }
  bytes(field: number, value: Uint8Array) {
    return this.begin(field, value.length).#append(value)
  }
  /** A field whose bytes are put behind this message by whoever has them. */
  begin(field: number, length: number) {
    this.#varint((field << 3) | LENGTH)
    return this.#varint(length)
  }
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  #append(bytes: Uint8Array) {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }
  #varint(value: number | bigint) {
    this.#reserve(10)
    // Small counts are most of a graph; a negative integer takes all 64 bits.
    if (typeof value === 'number' && value >= 0 && value < 0x8000_0000) {
      for (; value > 127; value >>>= 7) this.#bytes[this.#length++] = (value & 127) | 128
      this.#bytes[this.#length++] = value
      return this
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 127n) | 128
    this.#bytes[this.#length++] = Number(rest)
    return this
  }
  #reserve(more: number) {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
