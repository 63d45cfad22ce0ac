/**
 * @file A file's hash, made while its pieces come, and compared with the one the Hub lists: SHA-256 of a large file,
 * git's SHA-1 of any other. The browser's own `crypto.subtle` takes a file in one go only, so it serves git's small ones.
 */
import { ChecksumError } from './errors'
import type { FileEntry } from './stores'

/** Some 5 ms of work on the main thread, with a pause after it. */
const SLICE = 2 ** 20
/** The Hub keeps nothing larger in git itself, and this much of one may be in memory at once. */
const LARGEST_IN_GIT = 16 * 2 ** 20

export interface Checksum {
  /** Add the next bytes of the file. */
  add(piece: Blob, signal?: AbortSignal): Promise<void>
  /** @throws {ChecksumError} when the bytes that were added are not those of the hash. */
  check(file: string): Promise<void>
}

/** A checksum for a file's content, where its blob's id is a hash that can be checked. */
export async function checksumOf({ blob, size }: FileEntry): Promise<Checksum | undefined> {
  const [, id] = /#([0-9a-f]{40,64})$/.exec(blob) ?? []
  const small = size !== undefined && size <= LARGEST_IN_GIT && globalThis.crypto?.subtle !== undefined
  if (id?.length === 40 && small) return comparing("git's SHA-1", id, gitSha1(size))
  if (id?.length !== 64) return undefined
  try {
    return comparing('SHA-256', id, await sha256())
  } catch (error) {
    // The page's policy forbids WebAssembly. What the browser has got through TLS is worth having all the same.
    console.warn(`webformers: files are not compared with their SHA-256, because ${error}.`)
    return undefined
  }
}

interface Digest {
  add(piece: Blob, signal?: AbortSignal): Promise<void>
  hex(): Promise<string>
}

const comparing = (name: string, expected: string, { add, hex }: Digest): Checksum => ({
  add,
  async check(file) {
    const actual = await hex()
    if (actual === expected) return
    throw new ChecksumError(
      `"${file}": ${name} is ${actual}, expected ${expected}. Nothing of it was kept; load again. ` +
        'When that does not help, something between the server and this page changes the file.',
    )
  },
})

async function sha256(): Promise<Digest> {
  const { createSHA256 } = await import('hash-wasm') // only a page that downloads needs it
  const hasher = await createSHA256()
  hasher.init()
  return {
    async add(piece, signal) {
      for (let begin = 0; begin < piece.size; begin += SLICE) {
        signal?.throwIfAborted()
        hasher.update(new Uint8Array(await piece.slice(begin, begin + SLICE).arrayBuffer()))
      }
    },
    hex: async () => hasher.digest('hex'),
  }
}

/** The id git gives a file: the hash of its length and its content. */
function gitSha1(size: number): Digest {
  const parts: BlobPart[] = [`blob ${size}\0`]
  return {
    async add(piece) {
      parts.push(piece)
    },
    async hex() {
      const hash = await crypto.subtle.digest('SHA-1', await new Blob(parts).arrayBuffer())
      return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
    },
  }
}
