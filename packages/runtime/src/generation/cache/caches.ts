/** @file The caches that a page holds, in the worker: each serves one generation at a time. */
import { KeptCache } from './kept-cache'

export class Caches {
  readonly #kept = new Map<number, KeptCache>()
  readonly #last = new Map<number, Promise<unknown>>()

  /** Do something with a cache once those who came before have done with it; an unknown one is empty. */
  use<T>(id: number, work: (kept: KeptCache) => Promise<T>): Promise<T> {
    const turn = (this.#last.get(id) ?? Promise.resolve()).then(() => {
      const kept = this.#kept.get(id) ?? new KeptCache()
      this.#kept.set(id, kept)
      return work(kept)
    })
    this.#last.set(
      id,
      turn.catch(() => {}),
    )
    return turn
  }

  /** Free a cache. */
  release(id: number): Promise<void> {
    return this.use(id, async (kept) => {
      kept.release()
      this.#kept.delete(id)
      this.#last.delete(id)
    })
  }
}
