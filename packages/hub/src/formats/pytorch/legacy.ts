/**
 * @file The container of `torch.save` before PyTorch 1.6 and with `_use_new_zipfile_serialization=False`: pickles one after the
 * other (a magic number, a version, facts of the machine, the value, the storages' keys), then the storages.
 */
import type { TensorEntry } from '../../tensor-entry'
import { isStorageClass } from './globals'
import { EndOfBytes } from './machine'
import { MOST_PICKLE, readPickle } from './pickle'
import { type Problems, problemsOf, quoted } from './problems'
import { namedTensors } from './state-dict'
import { isCount, isTuple, Storage } from './values'
import { entryOf } from './view'
import { BlobWindow } from './window'

const MAGIC = 0x1950a86a20f9469cfc6cn
const VERSION = 1001
const FIRST_READ = 2 ** 18
const PREFIX = 8 // a storage's count, before it

/** Where the tensors of such a file lie. */
export async function readLegacy(file: string, blob: Blob): Promise<TensorEntry[]> {
  const problems = problemsOf(file)
  const { value, keys, storages, end } = await readPickles(blob, problems)
  const tensors = namedTensors(value, problems)
  const begins = await findStorages(blob, keys, storages, end, problems)
  return [...tensors].map(([name, tensor]) => {
    const begin = begins.get(tensor.storage.key)
    if (begin === undefined)
      throw problems.corrupt(`the storage ${quoted(tensor.storage.key)} of ${quoted(name)} is not in it`)
    // Whatever machine wrote them, these numbers are little endian.
    return entryOf(name, tensor, { blob, file, begin, bigEndian: false }, problems)
  })
}

/** Pickles do not say how long they are: more of the file is read until they end. */
async function readPickles(blob: Blob, problems: Problems) {
  for (let length = FIRST_READ; ; length *= 4) {
    const bytes = new Uint8Array(await blob.slice(0, Math.min(length, MOST_PICKLE)).arrayBuffer())
    try {
      return parsePickles(bytes, problems)
    } catch (error) {
      if (!(error instanceof EndOfBytes)) throw error
      if (length >= blob.size)
        throw problems.truncated(`its ${blob.size} bytes end in the middle of a pickle`)
      if (length >= MOST_PICKLE) throw problems.corrupt(`its pickles have more than ${MOST_PICKLE} bytes`)
    }
  }
}

function parsePickles(bytes: Uint8Array, problems: Problems) {
  const storages = new Map<string, Storage>()
  let end = 0
  const next = (place: string): unknown => {
    const storage = (id: readonly unknown[]) => storageOf(id, storages, problems)
    const read = readPickle(bytes, end, { problems, place, storage })
    end = read.end
    return read.value
  }
  if (next('its first pickle') !== MAGIC)
    throw problems.corrupt('it begins with another pickle than torch.save writes')
  const version = next('its version')
  if (version !== VERSION)
    throw problems.corrupt(
      `its version is ${typeof version === 'number' ? version : 'no number'}, expected ${VERSION}`,
    )
  next('its facts of the machine')
  const value = next('its pickle of tensors')
  const keys = next('its list of storages')
  if (!Array.isArray(keys) || new Set(keys).size < keys.length)
    throw problems.corrupt('the list of its storages is no list, or names one twice')
  return { value, keys: keys as unknown[], storages, end }
}

/** The storage of an id, `('storage', class, key, device, count, part)`; parts of it have ids of the same key. */
function storageOf(id: readonly unknown[], known: Map<string, Storage>, problems: Problems): Storage {
  const [kind, storageClass, key, , count, part] = id
  const corrupt = () => problems.corrupt('its pickle refers to something outside of it that is no storage')
  const fits = kind === 'storage' && isStorageClass(storageClass) && typeof key === 'string' && isCount(count)
  if (!fits) throw corrupt()
  const whole = known.get(key) ?? new Storage(key, storageClass.type, count)
  if (whole.type !== storageClass.type || whole.count !== count)
    throw problems.corrupt(`its pickle describes the storage ${quoted(key)} in two ways`)
  known.set(key, whole)
  if (part === null || part === undefined) return whole
  // Storages could be parts of others until PyTorch 0.4: the part's own key, where it begins, and its count.
  const [, begin, size] = isTuple(part) ? part : []
  if (!isCount(begin) || !isCount(size) || begin + size > count) throw corrupt()
  return new Storage(key, whole.type, count, [begin, size])
}

/** Where each storage begins: they follow each other in the order of their keys, each behind its count. */
async function findStorages(
  blob: Blob,
  keys: readonly unknown[],
  storages: ReadonlyMap<string, Storage>,
  from: number,
  problems: Problems,
): Promise<Map<string, number>> {
  const window = new BlobWindow(blob)
  const begins = new Map<string, number>()
  let at = from
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined
    if (!storage)
      throw problems.corrupt(
        `it lists a storage ${typeof key === 'string' ? quoted(key) : 'without a name'} that no tensor uses`,
      )
    const begin = at + PREFIX
    const end = begin + storage.count * storage.type.size
    if (end > blob.size)
      throw problems.truncated(
        `it has ${blob.size} bytes, but its storage ${quoted(storage.key)} ends at byte ${end}`,
      )
    const count = (await window.read(at, PREFIX)).getBigUint64(0, true)
    if (count !== BigInt(storage.count))
      throw problems.corrupt(`the storage at byte ${at} has ${count} numbers, expected ${storage.count}`)
    begins.set(storage.key, begin)
    at = end
  }
  return begins
}
