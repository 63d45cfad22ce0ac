import { expect, test } from 'vitest'
import { latest } from './latest'

test('values that come during a run replace each other; the last is never lost', async () => {
  const seen: string[] = []
  let release = () => {}
  const type = latest(async (value: string) => {
    seen.push(value)
    await new Promise<void>((resolve) => {
      release = resolve
    })
  })
  type('a')
  type('ab')
  type('abc')
  expect(seen).toEqual(['a'])
  release()
  await expect.poll(() => seen).toEqual(['a', 'abc'])
  release()
})
