/** @file DynamicCache: keys and values of a text, held in the worker of the model that read it. */
import { CacheError, type CacheReference } from '@webformers/runtime'

/** What holds caches by their numbers, in a worker. */
interface Holder {
  cacheLength(id: number): Promise<number>
  saveCache(id: number, length?: number): Promise<Blob | undefined>
  releaseCache(id: number): void
}

/** The model that has read what a cache holds. */
interface Reader {
  /** Told apart from others by identity. */
  readonly model: object
  readonly decoder: Holder
  /** Tells its weights and adapters apart from what they were. */
  readonly state: string
}

let ids = 0
/** What nobody holds any more is freed. */
const forgotten = new FinalizationRegistry<() => void>((release) => release())

/**
 * What a model has read, for later calls to go on from: of a longer prompt only what comes after the tokens that both begin with
 * is read. Those are compared; a model whose weights or adapters have changed reads anew. Like `DynamicCache` in Python.
 * @example
 * const cache = new DynamicCache()
 * const first = await model.generate(tokenizer.applyChatTemplate(chat), { pastKeyValues: cache })
 * cache.getSeqLength() // 57
 * await model.generate(tokenizer.applyChatTemplate(longer), { pastKeyValues: cache }) // reads what is new
 * await cache.save('indexeddb://chats/1')
 */
export class DynamicCache implements Disposable {
  #id = ++ids
  #length = 0
  /** Tokens beyond are forgotten when it is next used. */
  #limit: number | undefined
  #reader: Reader | undefined
  #saved: Blob | undefined

  /** How many tokens of each row were read, padding counted. Like `get_seq_length`. */
  getSeqLength(): number {
    return Math.min(this.#length, this.#limit ?? this.#length)
  }

  /** Forget all but the first tokens of each row; a negative number forgets so many of the last. Like `crop`. */
  crop(maxLength: number): void {
    const length = this.getSeqLength()
    this.#limit = Math.max(0, Math.min(length, maxLength < 0 ? length + maxLength : maxLength))
  }

  /** Forget all that was read, and free its memory. Like `reset`. */
  reset(): void {
    this.#reader?.decoder.releaseCache(this.#id)
    forgotten.unregister(this)
    this.#id = ++ids
    this.#length = 0
    this.#limit = undefined
    this.#reader = undefined
    this.#saved = undefined
  }

  /** Keep what was read in the browser, whatever becomes of the page.
   * @param name such as 'indexeddb://chats/1'
   * @throws {CacheError} when nothing was read, or the worker that held it was lost
   * @throws {StorageFullError} when there is no room @throws {SaveError} */
  async save(name: string): Promise<void> {
    const { saveCache } = await import('./saved-cache')
    const read = this.#reader?.decoder.saveCache(this.#id, this.#limit)
    await saveCache(name, this.#saved ?? (await read))
  }

  /** What was saved under a name. Only a model that would have read the same can go on from it: that is checked when one does.
   * @example
   * const cache = await DynamicCache.load('indexeddb://chats/1')
   * @throws {RepositoryNotFoundError} when nothing was saved under this name @throws {CorruptFileError}
   * @throws {CacheError} when something else was */
  static async load(name: string): Promise<DynamicCache> {
    const { openCache } = await import('./saved-cache')
    const { file, length } = await openCache(name)
    const cache = new DynamicCache()
    cache.#saved = file
    cache.#length = length
    return cache
  }

  /** Free what the worker holds. The cache is empty then. */
  dispose(): void {
    this.reset()
  }
  [Symbol.dispose]() {
    this.reset()
  }

  /** Used by `generate`.
   * @throws {CacheError} when another model has read it */
  async read<T extends { readonly cached?: number }>(
    reader: Reader,
    generate: (reference: CacheReference) => Promise<T>,
  ): Promise<T> {
    if (this.#reader && this.#reader.model !== reader.model)
      throw new CacheError(
        'This cache holds what another model has read. Give each model a cache of its own, or call reset() first.',
      )
    if (!this.#reader) {
      const [{ decoder }, id] = [reader, this.#id]
      forgotten.register(this, () => decoder.releaseCache(id), this)
    }
    this.#reader = reader
    const [id, length, saved] = [this.#id, this.#limit, this.#saved]
    this.#limit = undefined
    try {
      const output = await generate({ id, model: reader.state, length, saved })
      this.#saved = undefined
      this.#length = output.cached!
      return output
    } catch (error) {
      // What was read until then is there, unless the worker is not.
      const known = reader.decoder.cacheLength(id).catch(() => 0)
      known.then((left) => {
        if (this.#id === id) this.#length = left
      })
      throw error
    }
  }
}

/** Objects, told apart by numbers. */
const numbers = new WeakMap<object, number>()
let numbered = 0
function numberOf(object: object): number {
  if (!numbers.has(object)) numbers.set(object, ++numbered)
  return numbers.get(object)!
}

/** Tells weights and adapters apart from what they were: both are other objects when they change. */
export const stateOf = (policy: object, { key, inputs }: { key: string; inputs: object }): string =>
  [key, ...[policy, ...Object.values(inputs)].map(numberOf)].join(' ')
