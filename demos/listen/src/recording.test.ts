import { expect, test } from 'vitest'
import { loadAudio } from 'webformers'
import { Recording } from './recording'
import { RATE } from './sound'

test('what was recorded is read again as it was', async () => {
  const recording = new Recording()
  const whole = Float32Array.from({ length: 25 * RATE }, (_, i) => Math.sin(i / 7) * 0.9)
  for (let at = 0; at < whole.length; at += 4001) recording.add(whole.subarray(at, at + 4001))
  const file = recording.file()
  expect(file.size).toBe(44 + 2 * whole.length)
  const read = await loadAudio(file, { samplingRate: RATE })
  expect(read).toHaveLength(whole.length)
  const furthest = read.reduce((most, value, i) => Math.max(most, Math.abs(value - whole[i]!)), 0)
  expect(furthest).toBeLessThan(1 / 16_000)
})

test('what is too loud is cut, and does not turn over', async () => {
  const recording = new Recording()
  recording.add(Float32Array.of(1.5, -1.5, 0))
  const [high, low, zero] = await loadAudio(recording.file(), { samplingRate: RATE })
  expect(high).toBeCloseTo(1, 3)
  expect(low).toBeCloseTo(-1, 3)
  expect(zero).toBe(0)
})
