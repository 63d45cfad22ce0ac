/** @file A dataset of HDF5 in chunks, compressed or not, put together to bytes that one `decode` reads. */
import { countOf, itemSize } from '../../tensor-entry'
import { btreeChildren } from './btree'
import type { Dataset } from './dataset'
import type { Pages } from './fields'
import { inflate } from './inflate'

const DEFLATE = 1
const SHUFFLE = 2
const FLETCHER32 = 3

interface Chunked extends Dataset {
  readonly name: string
  readonly tree: number | undefined
  readonly chunk: readonly number[]
}

interface StoredChunk {
  readonly address: number
  /** Its bytes in the file. */
  readonly length: number
  /** A bit for each filter that was left out here. */
  readonly without: number
}

/**
 * The chunks end to end, and how to make rows of them. Those that no filter was applied to stay in the file; others are
 * inflated now, since browsers inflate asynchronously only: no library writes weights so, and a small file is worth no inflater.
 */
export async function gatherChunks(pages: Pages, dataset: Chunked, seen: Set<number>, budget: Budget) {
  const { name, shape, chunk, dtype, filters } = dataset
  if (countOf(shape) === 0) return { blob: new Blob(), length: 0 }
  const unknown = filters.find((filter) => ![DEFLATE, SHUFFLE, FLETCHER32].includes(filter))
  if (unknown !== undefined) throw pages.unsupported(`has "${name}" compressed by HDF5's filter ${unknown}`)
  const size = itemSize[dtype]
  const bytes = countOf(chunk) * size
  const stored = await findChunks(pages, dataset, seen)
  for (const { length, without } of stored) budget.take(length, isFiltered(filters, without) ? bytes : 0)
  const parts: BlobPart[] = []
  for (const { address, length, without } of stored) {
    const refused = (found: string) =>
      pages.corrupt(`the chunk of "${name}" at byte ${address} gives ${found}, expected ${bytes} bytes`)
    const part = pages.blob.slice(address, address + length)
    if (isFiltered(filters, without)) {
      const applied = filters.filter((_, i) => !isLeftOut(i, without))
      const whole = await unfiltered(part, applied, { bytes, size })
      if (whole?.length !== bytes) throw refused(whole ? `${whole.length} bytes` : 'more, or no zlib stream')
      parts.push(whole)
    } else {
      if (length !== bytes) throw refused(`${length} bytes`)
      parts.push(part)
    }
  }
  const decode = (all: Uint8Array<ArrayBuffer>) => rowsOfChunks(all, size, shape, chunk)
  return { blob: new Blob(parts), length: stored.length * bytes, decode }
}

const isLeftOut = (filter: number, without: number) => ((without >>> filter) & 1) === 1
const isFiltered = (filters: readonly number[], without: number) =>
  filters.some((_, i) => !isLeftOut(i, without))

/** More than weights ever shrink; what a small file may grow to regardless. */
const MOST_GROWTH = 8
const SMALL = 1 << 24

/** What may still be read of a file's chunks, and made of them: those that overlap, or are mostly nothing, are no weights. */
export class Budget {
  #stored: number
  #made = 0
  readonly #most: number
  constructor(readonly pages: Pages) {
    this.#stored = pages.blob.size
    this.#most = Math.max(MOST_GROWTH * pages.blob.size, SMALL)
  }
  take(stored: number, made: number): void {
    this.#stored -= stored
    this.#made += made
    if (this.#stored < 0) throw this.pages.corrupt('its chunks take more bytes than the file has')
    if (this.#made > this.#most)
      throw this.pages.corrupt(`its chunks give ${this.#made} bytes or more, expected at most ${this.#most}`)
  }
}

/** Every chunk of the grid, row by row. */
async function findChunks(
  pages: Pages,
  { name, shape, chunk, tree }: Chunked,
  seen: Set<number>,
): Promise<StoredChunk[]> {
  const grid = shape.map((length, axis) => Math.ceil(length / chunk[axis]!))
  const total = countOf(grid)
  const found = new Map<number, StoredChunk>()
  if (tree !== undefined && total <= pages.blob.size) {
    const keySize = 8 + 8 * (shape.length + 1)
    for await (const { address, key } of btreeChildren(pages, tree, { kind: 1, keySize, seen })) {
      const [length, without] = [key.u32(), key.u32()]
      const corner = shape.map(() => key.uint(8))
      const place = corner.reduce((sum, at, axis) => sum * grid[axis]! + at / chunk[axis]!, 0)
      const fits = corner.every((at, axis) => at < shape[axis]! && at % chunk[axis]! === 0)
      if (!fits || found.has(place) || address + length > pages.blob.size)
        throw pages.corrupt(
          `"${name}" has a chunk of ${length} bytes at byte ${address} for [${corner.join(', ')}] of [${shape.join(', ')}]`,
        )
      found.set(place, { address, length, without })
    }
  }
  if (found.size !== total)
    throw pages.corrupt(`"${name}" has ${found.size} chunks, expected ${total} for [${shape.join(', ')}]`)
  return Array.from({ length: total }, (_, place) => found.get(place)!)
}

async function unfiltered(
  part: Blob,
  filters: readonly number[],
  { bytes, size }: { bytes: number; size: number },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let made: Uint8Array<ArrayBuffer> | undefined = new Uint8Array(await part.arrayBuffer())
  for (const filter of filters.toReversed()) {
    if (filter === FLETCHER32) made = made.subarray(0, -4)
    else if (filter === SHUFFLE) made = unshuffled(made, size)
    else made = await inflate(made, bytes + 4) // a checksum may have been packed with it
    if (made === undefined) return undefined
  }
  return made
}

/** All first bytes of the numbers came first, then all second ones. */
function unshuffled(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(bytes.length)
  const count = Math.floor(bytes.length / size)
  for (let i = 0; i < count; i++)
    for (let byte = 0; byte < size; byte++) made[i * size + byte] = bytes[byte * count + i]!
  made.set(bytes.subarray(count * size), count * size)
  return made
}

/** Chunks overlap the tensor's end; what is beyond it is left out. */
export function rowsOfChunks(
  chunks: Uint8Array<ArrayBuffer>,
  size: number,
  shape: readonly number[],
  chunk: readonly number[],
): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(countOf(shape) * size)
  const bytes = countOf(chunk) * size
  let next = 0
  /** Copy the run of numbers at `at`, within the chunk `number` and its cell `cell`. */
  const copy = (axis: number, number: number, cell: number): void => {
    const [length, extent] = [shape[axis]!, chunk[axis]!]
    const across = Math.ceil(length / extent)
    if (axis === shape.length - 1) {
      for (let i = 0; i < across; i++) {
        const begin = (number * across + i) * bytes + cell * extent * size
        const run = Math.min(extent, length - i * extent) * size
        rows.set(chunks.subarray(begin, begin + run), next)
        next += run
      }
      return
    }
    for (let at = 0; at < length; at++)
      copy(axis + 1, number * across + Math.floor(at / extent), cell * extent + (at % extent))
  }
  copy(0, 0, 0)
  return rows
}
