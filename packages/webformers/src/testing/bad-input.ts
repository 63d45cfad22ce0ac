/** @file For tests of what goes wrong: files that are damaged, and workers that must not outlive a failure. */
import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { HubFiles } from './hub'

type Change = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>

/** The files with one of them changed. */
export const changedIn = (files: HubFiles, path: string, change: Change): HubFiles => ({
  ...files,
  [path]: async () => new Blob([change(new Uint8Array(await (await files[path]!()).arrayBuffer()))]),
})

/** Another string of the same length in place of one, wherever it stands among the bytes. */
export const replacing =
  (from: string, to: string): Change =>
  (bytes) => {
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
    expect(text).toContain(from)
    return Uint8Array.from(text.replaceAll(from, to), (character) => character.charCodeAt(0))
  }

/** Let every test of a file fail that starts a worker and does not end it. */
export function expectWorkersToEnd(): void {
  const alive = new Set<Worker>()
  beforeEach(() => {
    const Real = globalThis.Worker
    vi.stubGlobal(
      'Worker',
      class extends Real {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options)
          alive.add(this)
        }
        override terminate() {
          alive.delete(this)
          super.terminate()
        }
      },
    )
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    expect(alive.size).toBe(0)
  })
}
