import type { CacheEntry, DecodingProgram, Program } from '@webformers/graph'
import { describe, expect, test } from 'vitest'
import type { Session } from '../../session'
import type { PlainTensor, PlainTensors } from '../../tensor'
import { openCache } from './open-cache'

const WINDOW = 5
const [BATCH, HEADS, SIZE] = [2, 2, 1]
const together: readonly CacheEntry[] = [
  { past: 'past.0.key', present: 'present.0.key', shape: ['batch', HEADS, 'past', SIZE] },
  {
    past: 'past.1.key',
    present: 'present.1.key',
    shape: ['batch', HEADS, 'past_of_5', SIZE],
    window: WINDOW,
  },
]
const apart = together.map((entry) => ({ ...entry, recent: entry.past.replace('past', 'recent') }))
const inputs = Object.fromEntries(together.map(({ past, shape }) => [past, { dtype: 'float32', shape }]))
const programOf = (cache: readonly CacheEntry[]) =>
  ({ cache, decode: { inputs } as unknown as Program }) as unknown as DecodingProgram

/** Appends to each row and head a key that is its place, plus 100 for each row. */
function session(added: number) {
  let total = 0
  const serving = (cache: readonly CacheEntry[]): Session => ({
    async run(feeds: PlainTensors) {
      const found = cache.map(({ past, present, recent = past }): [string, PlainTensor] => {
        const { shape, data } = feeds[recent]!
        const before = shape[2]!
        const keys = Array.from({ length: shape[0]! * HEADS }, (_, i) => [
          ...Array.from(data as Float32Array).slice(i * before, (i + 1) * before),
          ...Array.from({ length: added }, (_, at) => total + at + 100 * Math.floor(i / HEADS)),
        ])
        return [
          present!,
          {
            dtype: 'float32',
            shape: [shape[0]!, HEADS, before + added, SIZE],
            data: Float32Array.from(keys.flat()),
          },
        ]
      })
      total += added
      return Object.fromEntries(found)
    },
    release: async () => {},
  })
  return serving
}

async function filled(cache: readonly CacheEntry[], steps: number, added = 1) {
  const opened = openCache(programOf(cache), { batch: BATCH, encoded: {}, gpu: undefined })
  const running = session(added)(cache)
  let most = 0
  for (let i = 0; i < steps; i++) {
    await opened.run(running, {}, [], added)
    opened.trim()
    most = Math.max(most, opened.remembered(WINDOW))
  }
  return { opened, most }
}
const keys = async (opened: ReturnType<typeof openCache>, name: string) => {
  const { shape, data } = (await opened.tensors()).past[name]!
  return Array.from({ length: shape[0]! * HEADS }, (_, i) =>
    Array.from(data as Float32Array).slice(i * shape[2]!, (i + 1) * shape[2]!),
  )
}
const counted = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe.each(Object.entries({ together, apart }))('the last keys %s', (_, cache) => {
  test('layers with a window keep its keys and a few more, whatever the length of the text; others keep all', async () => {
    const { opened, most } = await filled(cache, 500)
    expect(opened.length).toBe(500)
    expect(most).toBeLessThan(WINDOW + 16)
    const left = opened.remembered(WINDOW)
    expect(left).toBeGreaterThanOrEqual(WINDOW - 1)
    const [first, , second] = await keys(opened, 'past.1.key')
    expect(first).toEqual(counted(500 - left, 500))
    expect(second).toEqual(counted(600 - left, 600))
    expect((await keys(opened, 'past.0.key'))[0]).toEqual(counted(0, 500))
  })

  test('tokens are taken back as long as their windows are there', async () => {
    const { opened } = await filled(cache, 40)
    const forgotten = 40 - opened.remembered(WINDOW)
    const least = forgotten + WINDOW - 1
    expect([opened.reaches(least), opened.reaches(least - 1), opened.reaches(0)]).toEqual([
      true,
      false,
      false,
    ])
    opened.reorder([1])
    opened.crop(least)
    expect(opened.length).toBe(least)
    expect(await keys(opened, 'past.1.key')).toEqual(Array(HEADS).fill(counted(100 + forgotten, 100 + least)))
    expect(await keys(opened, 'past.0.key')).toEqual(Array(HEADS).fill(counted(100, 100 + least)))
  })

  test('a short text is whole in all layers', async () => {
    const { opened } = await filled(cache, 2, 5)
    expect(opened.remembered(WINDOW)).toBe(10)
    expect(opened.reaches(0)).toBe(true)
  })
})

test('one program goes on where another was', async () => {
  const opened = openCache(programOf(apart), { batch: BATCH, encoded: {}, gpu: undefined })
  const running = session(3)
  for (const cache of [apart, together, apart]) {
    opened.serve!(cache)
    await opened.run(running(cache), {}, [], 3)
  }
  expect(opened.length).toBe(9)
  for (const name of ['past.0.key', 'past.1.key'])
    expect(await keys(opened, name)).toEqual([0, 0, 100, 100].map((first) => counted(first, first + 9)))
})
