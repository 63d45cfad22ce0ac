import { expect, test } from 'vitest'
import { Sound } from './sound'

const count = (from: number, to: number) => Float32Array.from({ length: to - from }, (_, i) => from + i)

test('is read across the pieces it came in', () => {
  const sound = new Sound()
  sound.append(count(0, 4))
  sound.append(count(4, 9))
  sound.append(count(9, 10))
  expect(sound.length).toBe(10)
  expect(sound.read(0, 10)).toEqual(count(0, 10))
  expect(sound.read(3, 6)).toEqual(count(3, 6))
  expect(sound.read(5, 7)).toEqual(count(5, 7))
  sound.forget(5) // in the midst of a piece, which stays
  expect(sound.read(4, 10)).toEqual(count(4, 10))
})

test('tells who waits when there is enough, or no more will come', async () => {
  const sound = new Sound()
  const told: string[] = []
  const five = sound.reach(5).then(() => told.push('five'))
  const ten = sound.reach(10).then(() => told.push('ten'))
  sound.append(count(0, 3))
  await Promise.resolve()
  expect(told).toEqual([])
  sound.append(count(3, 6))
  await five
  expect(told).toEqual(['five'])
  sound.end()
  await ten
  expect(told).toEqual(['five', 'ten'])
  sound.append(count(6, 9)) // too late
  expect(sound.length).toBe(6)
})
