import { entries, keys } from 'idb-keyval'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FileCache } from '../cache'
import { contentsOf } from '../cache-contents'
import { PermissionError, RepositoryNotFoundError, SaveError, StorageFullError } from '../errors'
import { evict } from '../evict'
import { staleFiles } from '../formats/write-shards'
import { type Progress, settle } from '../options'
import { openRepository, openWith } from '../repository'
import { type Stores, storesNamed } from '../stores'
import { saveLocal } from './local'
import { saveFiles } from './target'
import { zipFiles } from './zip'

const blob = (text: string) => new Blob([text])
const NAME = 'indexeddb://me/tiny-model'
const OLD = {
  'config.json': blob('old'),
  'model-00001-of-00001.safetensors': blob('x'),
  'vocab.txt': blob('a'),
}
const NEW = { 'config.json': blob('new'), 'model.safetensors': blob('weights'), 'a/b.jinja': blob('{}') }
const obsolete = (present: Iterable<string>) => staleFiles(present, NEW)

/** Fails while it is read, after the first files were written. */
const broken = (error: Error) =>
  Object.assign(blob('never'), {
    slice: () => {
      throw error
    },
  })
const full = () => new DOMException('Quota exceeded', 'QuotaExceededError')

describe('a directory', () => {
  let directory: FileSystemDirectoryHandle
  const contents = async (folder = directory, prefix = ''): Promise<Record<string, string>> => {
    const found: Record<string, string> = {}
    for await (const [name, handle] of folder.entries()) {
      if (handle instanceof FileSystemFileHandle) found[prefix + name] = await (await handle.getFile()).text()
      else Object.assign(found, await contents(handle as FileSystemDirectoryHandle, `${prefix}${name}/`))
    }
    return found
  }
  beforeEach(async () => {
    const root = await navigator.storage.getDirectory()
    directory = await root.getDirectoryHandle(crypto.randomUUID(), { create: true })
  })
  afterEach(async () => {
    const root = await navigator.storage.getDirectory()
    await root.removeEntry(directory.name, { recursive: true })
  })

  test('files take the place of earlier ones, and shards nobody needs go', async () => {
    await saveFiles(directory, OLD)
    const seen: Progress[] = []
    const paths = await saveFiles(directory, NEW, { onProgress: (progress) => seen.push(progress) }, obsolete)
    expect(paths).toEqual(Object.keys(NEW))
    expect(await contents()).toEqual({
      'a/b.jinja': '{}',
      'config.json': 'new',
      'model.safetensors': 'weights',
      'vocab.txt': 'a',
    })
    expect(seen.at(-1)).toMatchObject({
      file: 'a/b.jinja',
      loaded: 2,
      total: 2,
      totals: { files: 3, loaded: 12, total: 12 },
    })
  })

  test.each([
    ['a full disk', full(), StorageFullError],
    ['a file that can not be read', new DOMException('gone', 'NotReadableError'), DOMException],
  ])('%s leaves what was there before, and nothing else', async (_, error, kind) => {
    await saveFiles(directory, OLD)
    const before = await contents()
    const saving = saveFiles(directory, { ...NEW, 'last.bin': broken(error) })
    await expect(saving).rejects.toThrow(kind)
    expect(await contents()).toMatchObject(before)
    expect(Object.keys(await contents())).toEqual(Object.keys(before))
  })

  test('an abort leaves what was there before', async () => {
    await saveFiles(directory, OLD)
    const before = await contents()
    const controller = new AbortController()
    const onProgress = ({ file }: Progress) => file === 'model.safetensors' && controller.abort()
    const { signal } = controller
    await expect(saveFiles(directory, NEW, { onProgress, signal })).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(await contents()).toEqual(before)
  })

  test('a page that may not write is told how to get there', async () => {
    const refuse = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
    const denied = { name: 'models', getFileHandle: refuse } as unknown as FileSystemDirectoryHandle
    const saving = saveFiles(denied, NEW)
    await expect(saving).rejects.toThrow(PermissionError)
    await expect(saving).rejects.toThrow('requestPermission')
  })
})

describe('a name in IndexedDB', () => {
  let stores: Stores
  const saving = (signal?: AbortSignal) => ({ tell: () => {}, signal, obsolete })
  const open = (cache = new FileCache(stores)) => openWith(cache, NAME, settle({}))
  const contents = async () => {
    const repository = await open()
    const paths = await repository.list()
    const texts = paths!.map(async (path) => [path, await repository.text(path)] as const)
    return Object.fromEntries(await Promise.all(texts))
  }
  beforeEach(() => {
    stores = storesNamed(crypto.randomUUID())
  })

  test('opens again, is listed and removed, and replaces what was there', async () => {
    await saveLocal(stores, NAME, OLD, saving())
    const first = await open()
    await saveLocal(stores, NAME, NEW, saving())
    expect(await contents()).toEqual({
      'config.json': 'new',
      'vocab.txt': 'a',
      'model.safetensors': 'weights',
      'a/b.jinja': '{}',
    })
    await expect(first.text('config.json')).rejects.toThrow('saved anew')
    const cache = contentsOf(() => stores)
    const [listed, ...others] = await cache.list()
    expect(others).toEqual([])
    expect(listed).toMatchObject({ repository: NAME, size: 13 })
    expect(await cache.size()).toBe(13)
    expect(await evict(stores, 1e9)).toEqual([])
    await cache.remove(NAME)
    expect(await cache.list()).toEqual([])
    for (const store of Object.values(stores)) expect(await keys(store)).toEqual([])
    await expect(open()).rejects.toThrow(RepositoryNotFoundError)
  })

  test.each([
    [
      'a full disk',
      (): Promise<void> => saveLocal(stores, NAME, { ...NEW, 'last.bin': broken(full()) }, saving()),
    ],
    ['an abort', () => saveLocal(stores, NAME, NEW, saving(AbortSignal.abort()))],
  ])('%s leaves what was there before, and no chunk of the rest', async (_, fails) => {
    await saveLocal(stores, NAME, OLD, saving())
    const before = [await contents(), await entries(stores.blobs), await keys(stores.chunks)]
    await expect(fails()).rejects.toThrow(DOMException)
    expect([await contents(), await entries(stores.blobs), await keys(stores.chunks)]).toEqual(before)
    expect(await keys(stores.downloads)).toEqual([])
  })

  test('what a closed tab left is cleared by the next save', async () => {
    let stuck!: () => void
    const reached = new Promise<void>((resolve) => (stuck = resolve))
    // Never goes on, like a tab that was closed; without locks, since this tab is still here.
    vi.stubGlobal('navigator', { storage: navigator.storage })
    const tell = ({ file, loaded }: { file: string; loaded: number }) => {
      if (file === 'vocab.txt' && loaded === 0) stuck()
    }
    const hanging = Object.assign(blob('a'), { slice: () => new Promise(() => {}) as unknown as Blob })
    void saveLocal(stores, NAME, { ...OLD, 'vocab.txt': hanging }, { ...saving(), tell }).catch(() => {})
    await reached
    await expect.poll(() => keys(stores.chunks)).toHaveLength(2)
    vi.unstubAllGlobals()
    await expect(open()).rejects.toThrow(RepositoryNotFoundError)
    await saveLocal(stores, NAME, NEW, saving())
    expect(await keys(stores.chunks)).toHaveLength(3)
    expect(await keys(stores.downloads)).toEqual([])
  })

  test('through the front: with the cache switched off too', async () => {
    await saveFiles('indexeddb://save-test', NEW)
    const repository = await openRepository('indexeddb://save-test', { cache: false })
    expect(await repository.text('config.json')).toBe('new')
    const { cache } = await import('../cache-contents')
    await cache.remove('indexeddb://save-test')
    await expect(openRepository('indexeddb://save-test')).rejects.toThrow('savePretrained')
  })
})

describe('a zip archive', () => {
  test('is downloaded under its name', async () => {
    const clicked: HTMLAnchorElement[] = []
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      clicked.push(this)
    })
    await saveFiles('my-model.zip', NEW)
    click.mockRestore()
    expect(clicked.map(({ download }) => download)).toEqual(['my-model.zip'])
    const archive = await (await fetch(clicked[0]!.href)).blob()
    expect(archive.size).toBe((await zipFiles(NEW)).size)
    expect(archive.type).toBe('application/zip')
  })

  test('an abort is heard', async () => {
    await expect(saveFiles('x.zip', NEW, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    const controller = new AbortController()
    const zipping = zipFiles(NEW, { signal: controller.signal, onProgress: () => controller.abort() })
    await expect(zipping).rejects.toMatchObject({ name: 'AbortError' })
  })
})

test('what is no target is refused', async () => {
  for (const target of ['my-model', 'indexeddb://', 'indexeddb://a/../b', '.zip', 'https://example.org/x'])
    await expect(saveFiles(target, NEW), target).rejects.toThrow(SaveError)
})
