import { describe, expect, test } from 'vitest'
import { cat, checksum, recorded, resized } from '../testing/images'
import type { Resampling } from './filters'
import { rawCanvas, readRaw } from './pixels'
import { reduce } from './reduce'
import { resize } from './resize'

interface Case {
  resample: Resampling
  width: number
  height: number
  checksum: string
}
const fixture = recorded<{
  cases: Case[]
  from_large: Case[]
  boxes: (Case & { box: [number, number, number, number] })[]
  reduced: { across: number; down: number; width: number; checksum: string }[]
}>('resize.json')
const named = (cases: Case[]) => cases.map((each) => [each.resample, each.width, each.height, each] as const)

test.each(named(fixture.cases))(
  '%s to %i × %i gives the bytes of Pillow',
  async (resample, width, height, { checksum: expected }) => {
    expect(checksum((await resized(cat, { width, height, resample })).data)).toBe(expected)
  },
)

describe('an image of 4000 × 600', async () => {
  const large = await resized(cat, { width: 4000, height: 600, resample: 'bicubic' })

  test.each(named(fixture.from_large))(
    '%s to %i × %i',
    async (resample, width, height, { checksum: expected }) => {
      const result = width === 4000 ? large : await resized(large, { width, height, resample })
      expect(checksum(result.data)).toBe(expected)
    },
  )
})

test.each(fixture.boxes)(
  '$resample of a part, $box',
  async ({ resample, width, height, box: [left, top, right, bottom], checksum: expected }) => {
    const box = { x: { start: left, end: right }, y: { start: top, end: bottom } }
    expect(checksum((await resized(cat, { width, height, resample, box })).data)).toBe(expected)
  },
)

test('a window of the result is what the whole result has there', async () => {
  const whole = await resized(cat, { width: 90, height: 70, resample: 'lanczos' })
  const [part, sink] = rawCanvas(31, 22)
  const window = { x: { start: 50, end: 81 }, y: { start: 40, end: 62 } }
  await resize(readRaw(cat), { width: 90, height: 70, resample: 'lanczos', window }, sink)
  for (let y = 0; y < 22; y++) {
    const start = ((40 + y) * 90 + 50) * 3
    expect(part.data.slice(y * 31 * 3, (y + 1) * 31 * 3)).toEqual(whole.data.slice(start, start + 31 * 3))
  }
})

test.each(fixture.reduced)(
  'blocks of $across × $down are averaged',
  async ({ across, down, checksum: expected }) => {
    const reader = reduce(readRaw(cat), across, down)
    const [canvas, sink] = rawCanvas(reader.width, reader.height)
    await resize(reader, { width: reader.width, height: reader.height, resample: 'box' }, sink)
    expect(checksum(canvas.data)).toBe(expected)
  },
)

test('the page can stop it', async () => {
  const controller = new AbortController()
  const running = resized(cat, { width: 4000, height: 3000, resample: 'lanczos', signal: controller.signal })
  controller.abort()
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
})
