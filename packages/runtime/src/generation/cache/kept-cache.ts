/** @file Caches that outlive a generation: a later one reads only what none has read before. */
import type { Caching, Prompt, SessionDecoder } from '../decoder'
import type { GenerationRequest } from '../settings'
import type { Cache, Remembered } from './cache'
import { reusable, type Text } from './prefix'
import { RememberingDecoder } from './remembering'

/** A cache that a page holds, as it asks for it. */
export interface CacheReference {
  readonly id: number
  /** Tells models, their weights and their adapters apart: what others have read serves nobody. */
  readonly model: string
  /** How many tokens of each row are to be forgotten but for the first; all are kept where it is left out. */
  readonly length?: number
  /** A file that holds what was read, where no generation has used the cache yet. */
  readonly saved?: Blob
}

/** Makes decoders of one model. */
export interface Beginnings {
  /** One that goes on from a cache, or from nothing. */
  begin(cache?: Cache): Promise<SessionDecoder>
  /** Whether a decoder can go on from so many rows of a cache. */
  resumes(rows: number): boolean
  /** What a file holds. @throws {CacheError} when another model has read it */
  restore(saved: Blob): Promise<{ readonly cache: Cache; readonly texts: readonly Text[] }>
}

/** What a generation leaves behind. */
export class KeptCache {
  #model = ''
  #cache: Cache | undefined
  #texts: readonly Text[] = []

  /** How many tokens each row has read. */
  get length(): number {
    return this.#cache?.length ?? 0
  }

  /**
   * A decoder that has read already what prompts and the cache begin with alike.
   * @throws {CacheError} when a file was read by another model
   */
  async resume(
    { model, length, saved }: CacheReference,
    { keep, caching }: Prompt,
    { prompts, settings }: GenerationRequest,
    { begin, resumes, restore }: Beginnings,
  ): Promise<RememberingDecoder> {
    if (saved) {
      this.release()
      const { cache, texts } = await restore(saved)
      this.#cache = cache
      this.#texts = texts
    } else if (model !== this.#model) this.release()
    this.#model = model
    if (length !== undefined) this.crop(length)
    const coming = prompts.map((tokens, i) => ({ tokens, keep: keep[i]! }))
    const reuse = reusable(this.#texts, coming)
    // Contrastive search compares candidates with the hidden states of all that came before.
    const anew = settings.mode === 'contrastive_search' || !resumes(keep.length)
    if (anew || reuse.length === 0 || !this.#reaches(reuse.length, caching)) {
      this.release()
      return new RememberingDecoder(await begin(), [], keep)
    }
    const cache = this.#cache!
    cache.reorder(reuse.rows)
    cache.crop(reuse.length)
    this.#forget() // whatever becomes of the decoder, it has the cache
    return new RememberingDecoder(await begin(cache), coming, keep)
  }

  get texts(): readonly Text[] {
    return this.#texts
  }

  /** What is remembered of them; there is something. */
  tensors(): Promise<Remembered> {
    return this.#cache!.tensors()
  }

  /** Take over what a decoder has read. */
  take(decoder: RememberingDecoder) {
    this.#texts = decoder.texts
    this.#cache = decoder.inner.cache
  }

  /** Whether what follows so many tokens can see all that it would have seen then. */
  #reaches(length: number, { implementation }: Caching = {}): boolean {
    // What takes tokens back may take back more than what is left of a window.
    return this.#cache!.reaches(implementation === 'dynamic_full' ? 0 : length)
  }

  crop(length: number) {
    if (length >= this.length) return
    if (!this.#cache!.reaches(length)) return this.release()
    this.#cache!.crop(length)
    this.#texts = this.#texts.map(({ tokens, keep }) => ({
      tokens: Array.from(tokens).slice(0, length),
      keep: Array.from(keep).slice(0, length),
    }))
  }

  release() {
    this.#cache?.release()
    this.#forget()
  }

  #forget() {
    this.#cache = undefined
    this.#texts = []
  }
}
