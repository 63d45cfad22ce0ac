import { expect, test } from 'vitest'
import { Pace } from './pace'

test('sound by the time that it took', () => {
  const pace = new Pace()
  expect(pace.summary()).toBe('')
  pace.add(30, 20_000)
  expect(pace.inWords()).toBe('1.5 times as fast as it was spoken')
  pace.add(60, 9_000)
  expect(pace.summary()).toBe('1:30 of sound in 29 s: 3.1 times as fast as it was spoken')
  pace.add(10, 171_000)
  expect(pace.summary()).toBe('1:40 of sound in 200 s: 0.5 times as fast as it was spoken')
})
