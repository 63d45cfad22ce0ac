/** @file From what single downloads tell to what a page draws: a bar for each file, one for all, and how fast they grow. */
import type { Progress } from './options'

/** What one download tells: the first time where it begins, then where it is. */
export interface FileProgress {
  file: string
  loaded: number
  total: number | undefined
}

export type Tell = (progress: FileProgress) => void

/** A rate is that of the last seconds: long enough to be calm, short enough to be true. */
const WINDOW = 8000 // ms

/** Bytes a second, of late. */
class Meter {
  readonly #samples: { time: number; bytes: number }[] = []

  /** Note that so many bytes have come; none at the beginning. */
  add(bytes: number, time: number): void {
    this.#samples.push({ time, bytes })
    while (this.#samples.length > 2 && this.#samples[1]!.time < time - WINDOW) this.#samples.shift()
  }

  get rate(): number {
    const [first, ...later] = this.#samples
    const last = later.at(-1)
    if (!first || !last || last.time === first.time) return 0
    const bytes = later.reduce((sum, sample) => sum + sample.bytes, 0)
    return Math.round((1000 * bytes) / (last.time - first.time))
  }
}

/** The progress of all files that one repository was asked for. */
export class ProgressTracker {
  readonly #files = new Map<string, Omit<FileProgress, 'file'>>()
  readonly #meter = new Meter()

  constructor(private readonly now = () => performance.now()) {}

  /** Count files from now on that will be asked for later. */
  expect(file: string, total: number | undefined): void {
    if (!this.#files.has(file)) this.#files.set(file, { loaded: 0, total })
  }

  /** What the next download of a file shall call. */
  follow(onProgress: ((progress: Progress) => void) | undefined): Tell {
    const meter = new Meter()
    let before: number | undefined
    return ({ file, loaded, total }) => {
      const bytes = before === undefined ? 0 : loaded - before // where it begins, it was before
      const time = this.now()
      before = loaded
      meter.add(bytes, time)
      this.#meter.add(bytes, time)
      this.#files.set(file, { loaded, total })
      onProgress?.({ file, loaded, total, rate: meter.rate, totals: this.#totals() })
    }
  }

  #totals(): Progress['totals'] {
    const files = [...this.#files.values()]
    const sum = (sizes: (number | undefined)[]) =>
      sizes.reduce((all, size) => (all === undefined || size === undefined ? undefined : all + size), 0)
    return {
      files: files.length,
      loaded: sum(files.map(({ loaded }) => loaded)) ?? 0,
      total: sum(files.map(({ total }) => total)),
      rate: this.#meter.rate,
    }
  }
}
