/** @file Several files at a time, as one undertaking: what fails stops the rest. */
import type { ReadOptions } from './files'

/** More connections bring no more bytes. */
const AT_ONCE = 3

/** Fetch all of them, a few side by side, in their order. */
export async function fetchAll(
  paths: readonly string[],
  fetch: (path: string, options: ReadOptions) => Promise<Blob>,
  { onProgress, signal }: ReadOptions,
): Promise<Record<string, Blob>> {
  const failure = new AbortController()
  const signals = [failure.signal, signal].filter((signal) => signal !== undefined)
  const options = { onProgress, signal: AbortSignal.any(signals) }
  const found = new Map<string, Blob>()
  const waiting = new Set(paths).values()
  const fetchSome = async () => {
    for (const path of waiting) found.set(path, await fetch(path, options))
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, fetchSome))
  } catch (error) {
    failure.abort(error)
    throw error
  }
  return Object.fromEntries(paths.map((path) => [path, found.get(path)!]))
}
