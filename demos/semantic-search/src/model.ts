/** @file The page's one model: where it comes from, on what it runs, who waits for it. */
import { type Device, OfflineError, type Progress, pipeline } from 'webformers'

/** What model.json says. A server near the page may answer with its own: see e2e/serve-demos.mjs. */
export interface ModelSource {
  readonly repository: string
  /** The Hub, or the address of a mirror. */
  readonly endpoint: string
  /** Why it is not the Hub. */
  readonly notice?: string
}

export const readSource = async (): Promise<ModelSource> => (await fetch('./model.json')).json()

export type DeviceChoice = 'auto' | Device

interface LoadOptions {
  device: DeviceChoice
  signal?: AbortSignal
  localFilesOnly?: boolean
  onProgress?: (progress: Progress) => void
}

/** How many sentences the model sees at once: so few that a search, or a cancel, waits only a moment behind them. */
export const BATCH = 8

const load = ({ repository, endpoint }: ModelSource, options: LoadOptions) =>
  pipeline('feature-extraction', repository, { endpoint, ...options })

export type Extractor = Awaited<ReturnType<typeof load>>

/** Vectors as sentence-transformers makes them: the mean over a sentence's tokens, scaled to length 1. */
export const vectorsOf = (extract: Extractor, sentences: string[], signal?: AbortSignal) =>
  extract(sentences, { pooling: 'mean', normalize: true, truncation: true, batchSize: BATCH, signal })

export type ModelState =
  | { readonly phase: 'absent' }
  | { readonly phase: 'loading'; readonly loaded: number; readonly total: number }
  | { readonly phase: 'ready'; readonly device: Device }
  | { readonly phase: 'failed'; readonly error: unknown }

export class SharedModel {
  #device: DeviceChoice = 'auto'
  #loading: Promise<Extractor> | undefined
  /** Counts loads, so that one that was given up can't speak for the next. */
  #turn = 0
  readonly #listeners: ((state: ModelState) => void)[] = []
  state: ModelState = { phase: 'absent' }

  constructor(readonly source: ModelSource) {}

  onChange(listener: (state: ModelState) => void) {
    this.#listeners.push(listener)
    listener(this.state)
  }

  /** Whether the model is here or on its way; it is never fetched unasked. */
  get wanted(): boolean {
    return this.#loading !== undefined
  }

  /** Do something with the model, once more if it was exchanged for one on another device meanwhile. */
  async run<T>(work: (extractor: Extractor) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      const loading = this.load(signal)
      try {
        return await work(await loading)
      } catch (error) {
        if (signal?.aborted || !this.#loading || this.#loading === loading) throw error
      }
    }
  }

  /** Load what an earlier visit has stored, without the network; `state` tells what became of it. */
  async restore(): Promise<void> {
    await this.#load({ localFilesOnly: true }).catch(() => {})
  }

  /** Load the model, from the network where it has to be. */
  load(signal?: AbortSignal): Promise<Extractor> {
    return this.#loading ?? this.#load({ signal })
  }

  /** Change over to another device. */
  async use(device: DeviceChoice): Promise<void> {
    const former = this.#loading
    this.#device = device
    if (!former) return
    const restored = this.restore()
    await former.then((extractor) => extractor.dispose()).catch(() => {})
    await restored
  }

  #load(options: Partial<LoadOptions>): Promise<Extractor> {
    this.#turn += 1
    const turn = this.#turn
    const become = (state: ModelState) => {
      if (this.#turn === turn) this.#become(state)
    }
    const files = new Map<string, Progress>()
    const onProgress = (progress: Progress) => {
      files.set(progress.file, progress)
      const sum = (key: 'loaded' | 'total') =>
        [...files.values()].reduce((all, file) => all + (file[key] ?? 0), 0)
      become({ phase: 'loading', loaded: sum('loaded'), total: sum('total') })
    }
    const loading = load(this.source, { device: this.#device, onProgress, ...options })
    this.#loading = loading
    become({ phase: 'loading', loaded: 0, total: 0 })
    loading.then(
      ({ model }) => become({ phase: 'ready', device: model.device }),
      (error) => {
        if (this.#turn === turn) this.#loading = undefined
        const expected = options.signal?.aborted || (options.localFilesOnly && error instanceof OfflineError)
        become(expected ? { phase: 'absent' } : { phase: 'failed', error })
      },
    )
    return loading
  }

  #become(state: ModelState) {
    this.state = state
    for (const listener of this.#listeners) listener(state)
  }
}
