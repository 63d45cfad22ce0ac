/** @file Work that follows somebody's typing. */

/**
 * One run at a time, always on the newest value: values that come while a run is under way replace each other.
 * @example
 * const search = latest(async (query: string) => show(await find(query)))
 * input.oninput = () => search(input.value)
 */
export function latest<T>(work: (value: T) => Promise<void>): (value: T) => void {
  let waiting: { value: T } | undefined
  let running = false
  return async (value) => {
    waiting = { value }
    if (running) return
    running = true
    try {
      while (waiting) {
        const next: { value: T } = waiting
        waiting = undefined
        await work(next.value)
      }
    } finally {
      running = false
    }
  }
}
