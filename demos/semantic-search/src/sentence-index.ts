/** @file The vectors of all sentences: embedded batch by batch, each batch kept in IndexedDB as soon as it is done. */
import { createStore, delMany, getMany, set } from 'idb-keyval'
import { planBatches } from './batches'
import { BATCH } from './model'
import { type Neighbour, nearest } from './nearest'

const store = createStore('semantic-search', 'embeddings')

export interface EmbedProgress {
  /** Since this run began. */
  sentencesPerSecond: number
  secondsLeft: number
}

export interface EmbedOptions {
  signal: AbortSignal
  onProgress: (progress: EmbedProgress) => void
}

/** Gives texts their vectors: `[texts, width]`, each of length 1. */
export type Embed = (texts: string[]) => Promise<{ data: Float32Array }>

export class SentenceIndex {
  readonly #batches: number[][]
  readonly #done = new Set<number>()
  readonly #filled: Uint8Array
  #vectors = new Float32Array(0)
  /** False once the browser had no room for a batch: the next visit will have to embed it again. */
  kept = true

  private constructor(
    readonly name: string,
    readonly texts: readonly string[],
  ) {
    this.#batches = planBatches(texts, BATCH)
    this.#filled = new Uint8Array(texts.length)
  }

  /** The index with all that an earlier visit left. @param name tells apart what must not be mixed: models, texts */
  static async open(name: string, texts: readonly string[]): Promise<SentenceIndex> {
    const index = new SentenceIndex(name, texts)
    const stored = await getMany<Float32Array | undefined>(index.#keys(), store)
    for (const [batch, vectors] of stored.entries()) if (vectors) index.#add(batch, vectors)
    return index
  }

  get size() {
    return this.texts.length
  }
  /** How many sentences have a vector. */
  get embedded() {
    return this.#filled.reduce((sum, filled) => sum + filled, 0)
  }
  get complete() {
    return this.#done.size === this.#batches.length
  }

  /** Embed what has no vector yet. */
  async embed(embed: Embed, { signal, onProgress }: EmbedOptions): Promise<void> {
    const missing = this.#batches.map((_, batch) => batch).filter((batch) => !this.#done.has(batch))
    const pace = new Pace(missing.map((batch) => this.#textsOf(batch)))
    for (const batch of missing) {
      signal.throwIfAborted()
      const texts = this.#textsOf(batch)
      const { data } = await embed(texts)
      this.#add(batch, data)
      // Not awaited: the disk writes while the next batch is computed.
      set(this.#key(batch), data, store).catch(() => {
        this.kept = false
      })
      onProgress(pace.after(texts))
    }
  }

  nearest(query: Float32Array, count: number): Neighbour[] {
    return nearest(query, this.#vectors, (index) => this.#filled[index] === 1, count)
  }

  /** Forget every vector, here and on the disk. */
  async clear(): Promise<void> {
    this.#done.clear()
    this.#filled.fill(0)
    await delMany(this.#keys(), store)
  }

  #add(batch: number, vectors: Float32Array) {
    const indices = this.#batches[batch]!
    const width = vectors.length / indices.length
    if (this.#vectors.length === 0) this.#vectors = new Float32Array(this.size * width)
    for (const [i, index] of indices.entries()) {
      this.#vectors.set(vectors.subarray(i * width, (i + 1) * width), index * width)
      this.#filled[index] = 1
    }
    this.#done.add(batch)
  }

  #textsOf = (batch: number) => this.#batches[batch]!.map((index) => this.texts[index]!)
  #key = (batch: number) => `${this.name}/${batch}`
  #keys = () => this.#batches.map((_, batch) => this.#key(batch))
}

/** Speed in sentences, time left by characters: a long sentence takes longer than a short one. */
class Pace {
  readonly #start = performance.now()
  #sentences = 0
  #characters = 0
  #left: number

  constructor(batches: string[][]) {
    this.#left = batches.flat().join('').length
  }

  after(texts: string[]): EmbedProgress {
    const characters = texts.join('').length
    this.#sentences += texts.length
    this.#characters += characters
    this.#left -= characters
    const seconds = (performance.now() - this.#start) / 1000
    return {
      sentencesPerSecond: this.#sentences / seconds,
      secondsLeft: (this.#left * seconds) / this.#characters,
    }
  }
}
