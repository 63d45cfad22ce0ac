/** @file SentencePiece's rewriting rules: a double-array trie over UTF-8 that points into a blob of replacements. */
import { TokenizerError } from '../errors'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A rule that applies: how many bytes it takes, and what it makes of them. */
export interface Rewritten {
  length: number
  replacement: string
}

export class Charsmap {
  private readonly trie: Uint32Array
  private readonly replacements: Uint8Array

  /**
   * @param bytes the trie's size in bytes, the trie, the replacements, each ended by a zero.
   * @throws {TokenizerError} when they are shorter than they say.
   */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const size = bytes.length < 4 ? Number.POSITIVE_INFINITY : view.getUint32(0, true)
    if (size + 4 > bytes.length) {
      throw new TokenizerError(
        `Precompiled: the map has ${bytes.length} bytes, fewer than its trie is said to have.`,
      )
    }
    this.trie = Uint32Array.from({ length: Math.floor(size / 4) }, (_, i) => view.getUint32(4 + 4 * i, true))
    this.replacements = bytes.subarray(4 + size)
  }

  /** What the shortest rule makes that `key` begins with. */
  shortestPrefix(key: Uint8Array): string | undefined {
    for (const [, value] of this.rules(key, 0)) return this.replacementAt(value)
    return undefined
  }

  /** The longest rule for what stands at `start` of `text`, in UTF-8. */
  longestPrefix(text: Uint8Array, start: number): Rewritten | undefined {
    let longest: readonly [end: number, value: number] | undefined
    for (const rule of this.rules(text, start)) longest = rule
    return longest && { length: longest[0] - start, replacement: this.replacementAt(longest[1]) }
  }

  private *rules(key: Uint8Array, start: number): Generator<readonly [end: number, value: number]> {
    const { trie } = this
    let node = offsetOf(trie[0] ?? 0)
    for (let i = start; i < key.length; i++) {
      const byte = key[i]!
      if (byte === 0) return
      node ^= byte
      const unit = trie[node]
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return
      node ^= offsetOf(unit)
      if ((unit >>> 8) & 1) yield [i + 1, trie[node]! & 0x7fffffff]
    }
  }

  private replacementAt(start: number): string {
    const end = this.replacements.indexOf(0, start)
    return decoder.decode(this.replacements.subarray(start, end === -1 ? undefined : end))
  }
}

/** Where a unit's children are, relative to it. */
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6)
