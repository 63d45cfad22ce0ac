/**
 * @file HDF5 as Keras and h5py write it: which datasets a file has, and where their numbers lie.
 *
 * Why not a library: h5wasm (HDF5's own code in WebAssembly, 4 MB) survived 20,000 damaged files, but does not tell where in the
 * file a dataset lies, so that tensors could not stay there; and it reads a Blob in parts in a worker only. jsfive wants the
 * whole file in memory. Of the format, that which those two write by default needs little: superblocks, object headers and
 * links of both editions, and numbers in one piece, in the header, or in chunks (deflated, shuffled). Refused: fractal heaps,
 * other files' numbers, other filters, texts. Checksums are not compared: the whole file's hash is the download's business.
 */
import { type CheckpointDType, itemSize } from '../../tensor-entry'
import { Budget, gatherChunks } from './chunks'
import { readDataset } from './dataset'
import { type Fields, Pages } from './fields'
import { readLinks } from './links'
import { type HeaderMessages, Message, readMessages } from './objects'
import { openSuperblock } from './superblock'

/** Numbers of a dataset: `length` bytes at byte `offset` of `blob`, from which `decode` makes rows, little endian. */
export interface Hdf5Dataset {
  /** The names of the groups down to it, and its own. */
  readonly path: readonly string[]
  readonly dtype: CheckpointDType
  readonly shape: readonly number[]
  readonly blob: Blob
  readonly offset: number
  readonly length: number
  readonly decode?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>
}

type Decode = NonNullable<Hdf5Dataset['decode']>
const asItIs: Decode = (bytes) => bytes

/** Numbers whose greatest byte came first. */
function swapped(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const made = bytes.slice()
  for (let at = 0; at < made.length; at += size) made.subarray(at, at + size).reverse()
  return made
}

export interface Hdf5File {
  readonly datasets: readonly Hdf5Dataset[]
  /** The names of the root's attributes. */
  readonly attributes: readonly string[]
}

const MOST_GROUPS_DEEP = 64

/** @throws {TruncatedFileError} @throws {CorruptCheckpointError} */
export async function readHdf5(file: string, blob: Blob): Promise<Hdf5File> {
  const pages = new Pages(file, blob)
  const root = await openSuperblock(pages)
  const seen = new Set<number>()
  const budget = new Budget(pages)
  const datasets: Hdf5Dataset[] = []
  const visit = async (path: readonly string[], address: number, messages: HeaderMessages) => {
    const name = path.join('/')
    if (path.length > MOST_GROUPS_DEEP)
      throw pages.corrupt(`its groups lie more than ${MOST_GROUPS_DEEP} deep: ${name.slice(0, 80)}…`)
    // Keras and h5py give each object one name; a group with two may hold itself.
    if (seen.has(address)) throw pages.corrupt(`"${name}" has two names, or lies within itself`)
    seen.add(address)
    const links = await readLinks(pages, messages, seen)
    for (const link of links ?? [])
      await visit([...path, link.name], link.address, await readMessages(pages, link.address))
    const dataset = links ? undefined : readDataset(pages, messages, name)
    if (!dataset) return
    const { dtype, shape, layout, bigEndian } = dataset
    const numbers =
      layout.kind === 'whole'
        ? { blob, ...layout, decode: undefined }
        : { offset: 0, ...(await gatherChunks(pages, { ...dataset, ...layout, name }, seen, budget)) }
    const { decode = asItIs } = numbers
    const swap: Decode = (bytes) => swapped(decode(bytes), itemSize[dtype])
    datasets.push({ path, dtype, shape, ...numbers, decode: bigEndian ? swap : numbers.decode })
  }
  const messages = await readMessages(pages, root)
  await visit([], root, messages)
  return { datasets, attributes: (messages.get(Message.attribute) ?? []).map(attributeName) }
}

function attributeName(message: Fields): string {
  const version = message.u8()
  message.version(version, 1, 2, 3)
  message.skip(1)
  const length = message.u16()
  message.skip(version === 3 ? 5 : 4) // the sizes of type and shape, and the name's character set
  return message.text(length).replace(/\0.*$/s, '')
}
