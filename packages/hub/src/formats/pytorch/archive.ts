/** @file The container of `torch.save` since PyTorch 1.6: a zip archive of one pickle and, each as it is, its storages. */
import type { TensorEntry } from '../../tensor-entry'
import { isStorageClass } from './globals'
import { inflate } from './inflate'
import { EndOfBytes } from './machine'
import { MOST_PICKLE, readPickle } from './pickle'
import { type Problems, problemsOf, quoted } from './problems'
import { namedTensors } from './state-dict'
import { isCount, Storage } from './values'
import { entryOf, type Place } from './view'
import { BlobWindow } from './window'
import { beginOf, readDirectory, type ZipDirectory, type ZipEntry } from './zip'

/** Where the tensors of an archive lie. */
export async function readArchive(file: string, blob: Blob): Promise<TensorEntry[]> {
  const problems = problemsOf(file)
  const archive = await Archive.open(file, blob, problems)
  const storages = new Map<string, Storage>()
  const value = readValue(await archive.contents('data.pkl', MOST_PICKLE), storages, problems)
  const tensors = namedTensors(value, problems)
  const used = new Set([...tensors.values()].map(({ storage }) => storage))
  const places = await archive.places(used)
  return [...tensors].map(([name, tensor]) => entryOf(name, tensor, places.get(tensor.storage)!, problems))
}

function readValue(bytes: Uint8Array, storages: Map<string, Storage>, problems: Problems): unknown {
  const storage = (id: readonly unknown[]) => storageOf(id, storages, problems)
  try {
    return readPickle(bytes, 0, { problems, place: 'data.pkl', storage }).value
  } catch (error) {
    throw error instanceof EndOfBytes ? problems.corrupt('data.pkl ends before its pickle does') : error
  }
}

/** A storage by its id, `('storage', class, key, device, count)`; two ids of one key mean one storage. */
function storageOf(id: readonly unknown[], known: Map<string, Storage>, problems: Problems): Storage {
  const [kind, storageClass, key, , count] = id
  const fits = kind === 'storage' && isStorageClass(storageClass) && typeof key === 'string' && isCount(count)
  if (!fits) throw problems.corrupt('data.pkl refers to something outside of it that is no storage')
  const storage = known.get(key) ?? new Storage(key, storageClass.type, count)
  if (storage.type !== storageClass.type || storage.count !== count)
    throw problems.corrupt(`data.pkl describes the storage ${quoted(key)} in two ways`)
  known.set(key, storage)
  return storage
}

/** Bytes that deflated entries may become: what a file is by itself, or several times it. */
const MOST_INFLATED = 2 ** 26
const MOST_INFLATED_TIMES = 8

class Archive {
  readonly #file: string
  readonly #blob: Blob
  readonly #window: BlobWindow
  readonly #directory: ZipDirectory
  readonly #root: string
  readonly #problems: Problems
  readonly #spans: { name: string; begin: number; end: number }[] = []
  #inflatable: number

  static async open(file: string, blob: Blob, problems: Problems): Promise<Archive> {
    const window = new BlobWindow(blob)
    return new Archive(file, blob, window, await readDirectory(blob, window, problems), problems)
  }

  private constructor(
    file: string,
    blob: Blob,
    window: BlobWindow,
    directory: ZipDirectory,
    problems: Problems,
  ) {
    this.#file = file
    this.#blob = blob
    this.#window = window
    this.#directory = directory
    this.#problems = problems
    this.#root = rootOf(directory, problems)
    this.#inflatable = Math.max(MOST_INFLATED, MOST_INFLATED_TIMES * blob.size)
  }

  async contents(name: string, most: number): Promise<Uint8Array> {
    const entry = this.#entry(name)
    if (entry.size > most)
      throw this.#problems.corrupt(`${quoted(name)} has ${entry.size} bytes, expected at most ${most}`)
    const { blob, begin } = await this.#open(entry)
    return new Uint8Array(await blob.slice(begin, begin + entry.size).arrayBuffer())
  }

  /** Where storages begin. */
  async places(storages: Iterable<Storage>): Promise<Map<Storage, Place>> {
    const bigEndian = await this.#isBigEndian()
    const entries = [...storages].map((storage) => [storage, this.#entryOf(storage)] as const)
    const places = new Map<Storage, Place>()
    for (const [storage, entry] of entries.sort(([, a], [, b]) => a.header - b.header))
      places.set(storage, { ...(await this.#open(entry)), bigEndian })
    this.#refuseOverlaps()
    return places
  }

  #entry(name: string): ZipEntry {
    const entry = this.#directory.entries.get(`${this.#root}/${name}`)
    if (!entry) throw this.#problems.corrupt(`it has no entry ${quoted(`${this.#root}/${name}`)}`)
    return entry
  }

  #entryOf({ key, type, count }: Storage): ZipEntry {
    const entry = this.#entry(`data/${key}`)
    // More is no fault: a storage of bytes need not be a whole number of its tensor's numbers.
    if (count * type.size > entry.size)
      throw this.#problems.corrupt(
        `${quoted(entry.name)} has ${entry.size} bytes, expected ${count} numbers of type ${type.name}`,
      )
    return entry
  }

  async #isBigEndian(): Promise<boolean> {
    if (!this.#directory.entries.has(`${this.#root}/byteorder`)) return false // older than the entry is
    const order = new TextDecoder().decode(await this.contents('byteorder', 16))
    if (order !== 'little' && order !== 'big')
      throw this.#problems.corrupt(`its byteorder is ${quoted(order)}, expected little or big`)
    return order === 'big'
  }

  /** Where an entry's bytes are: in the file, or in a Blob of their own where somebody has compressed them. */
  async #open(entry: ZipEntry): Promise<Pick<Place, 'blob' | 'file' | 'begin'>> {
    const begin = await beginOf(entry, this.#directory, this.#window, this.#problems)
    const end = begin + entry.compressed
    this.#spans.push({ name: entry.name, begin: entry.header, end })
    if (!entry.deflated) return { blob: this.#blob, file: this.#file, begin }
    if (entry.size > this.#inflatable)
      throw this.#problems.corrupt(
        `its compressed entries are said to give many times its ${this.#blob.size} bytes, ${entry.size} by ${quoted(entry.name)}`,
      )
    this.#inflatable -= entry.size
    const inflated = await inflate(this.#blob.slice(begin, end), entry.size)
    if (!inflated)
      throw this.#problems.corrupt(`${quoted(entry.name)} does not inflate to ${entry.size} bytes`)
    return { blob: inflated, file: `${this.#file}/${entry.name}`, begin: 0 }
  }

  #refuseOverlaps() {
    const spans = this.#spans.toSorted((a, b) => a.begin - b.begin)
    for (const [i, { name, begin }] of spans.entries()) {
      const before = spans[i - 1]
      if (before && before.end > begin)
        throw this.#problems.corrupt(
          `${quoted(name)} begins at byte ${begin}, before ${quoted(before.name)} ends at byte ${before.end}`,
        )
    }
  }
}

/** The folder all entries are in, named after the file that was written. */
function rootOf({ entries }: ZipDirectory, problems: Problems): string {
  const roots = [...entries.keys()].flatMap((name) => name.match(/^([^/]+)\/data\.pkl$/)?.[1] ?? [])
  const [root] = roots
  if (root === undefined || roots.length > 1)
    throw problems.corrupt(
      `it is a zip archive with ${roots.length} entries like "archive/data.pkl", expected one`,
    )
  if (entries.has(`${root}/constants.pkl`))
    throw problems.unsafe('it is a TorchScript archive, which holds a program beside its weights')
  return root
}
