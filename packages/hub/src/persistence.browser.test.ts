import { expect, test, vi } from 'vitest'
import { FileCache } from './cache'
import { settle } from './options'
import { openWith } from './repository'
import { storesNamed } from './stores'
import { memoryHub, text } from './testing/memory-hub'

test('the browser is asked once not to clear the cache, before the first write, and not waited for', async () => {
  const persist = vi.spyOn(navigator.storage, 'persist').mockReturnValue(new Promise(() => {}))
  const { endpoint, fetch } = memoryHub({ 'org/name': { 'config.json': text('{}'), 'vocab.txt': text('a') } })
  const settings = settle({ endpoint, fetch })
  await (await openWith(new FileCache(undefined), 'org/name', settings)).file('config.json')
  expect(persist).toHaveBeenCalledTimes(0)
  const repository = await openWith(new FileCache(storesNamed(crypto.randomUUID())), 'org/name', settings)
  await repository.file('config.json')
  await repository.file('vocab.txt')
  expect(persist).toHaveBeenCalledTimes(1)
})
