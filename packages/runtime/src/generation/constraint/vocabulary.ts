/** @file A vocabulary as a tree of bytes: tokens with the same beginning share its nodes. */

/** The bytes of each token, one after the other; token i ends at ends[i]. Tokens without bytes stand for nothing in a text. */
export interface TokenBytes {
  readonly bytes: Uint8Array
  readonly ends: Int32Array
}

/** Nodes in the order in which one meets them going down first; node 0 is the root. */
export class Vocabulary {
  /** How many tokens there are. */
  readonly size: number
  /** The bytes of the longest token. */
  readonly longest: number
  /** For each node its byte, how deep it lies, and the node after all that lie below it. */
  readonly byte: Uint8Array
  readonly depth: Uint16Array
  readonly end: Int32Array
  /** The tokens that end in node i: tokens[first[i]] to tokens[first[i + 1]]. */
  readonly first: Int32Array
  readonly tokens: Int32Array

  constructor(readonly given: TokenBytes) {
    const { bytes, ends } = given
    this.size = ends.length
    const startOf = (token: number) => (token === 0 ? 0 : ends[token - 1]!)
    const sorted = Int32Array.from([...ends.keys()].filter((token) => ends[token]! > startOf(token))).sort(
      (a, b) => compare(bytes, startOf(a), ends[a]!, startOf(b), ends[b]!),
    )
    const byte = [0]
    const depth = [0]
    const end = [0]
    const first = [0]
    const open = [0]
    let longest = 0
    let previous = -1
    for (const [at, token] of sorted.entries()) {
      const [start, stop] = [startOf(token), ends[token]!]
      longest = Math.max(longest, stop - start)
      const shared = previous < 0 ? 0 : sharedLength(bytes, start, stop, startOf(previous), ends[previous]!)
      for (const node of open.splice(shared + 1)) end[node] = byte.length
      for (let i = start + shared; i < stop; i++) {
        open.push(byte.length)
        depth.push(open.length - 1)
        first.push(at)
        end.push(0)
        byte.push(bytes[i]!)
      }
      previous = token
    }
    for (const node of open) end[node] = byte.length
    first.push(sorted.length)
    this.longest = longest
    this.byte = Uint8Array.from(byte)
    this.depth = Uint16Array.from(depth)
    this.end = Int32Array.from(end)
    this.first = Int32Array.from(first)
    this.tokens = sorted
  }

  /** The bytes of a token; none where there is no such token. */
  bytesOf(token: number): Uint8Array {
    const { bytes, ends } = this.given
    return bytes.subarray(ends[token - 1] ?? 0, ends[token] ?? 0)
  }
}

function compare(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
  for (; a < aEnd && b < bEnd; a++, b++) if (bytes[a] !== bytes[b]) return bytes[a]! - bytes[b]!
  return aEnd - a - (bEnd - b)
}

function sharedLength(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
  let length = 0
  while (a + length < aEnd && b + length < bEnd && bytes[a + length] === bytes[b + length]) length++
  return length
}

/** Pack the bytes of tokens.
 * @param tokens by id; an id that stands for nothing in a text has no bytes */
export function packBytes(tokens: readonly (Uint8Array | undefined)[]): TokenBytes {
  let end = 0
  const ends = Int32Array.from(tokens, (token) => {
    end += token?.length ?? 0
    return end
  })
  const bytes = new Uint8Array(end)
  for (const [i, token] of tokens.entries()) if (token) bytes.set(token, ends[i]! - token.length)
  return { bytes, ends }
}
