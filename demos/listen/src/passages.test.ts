import { expect, test } from 'vitest'
import { type Passage, passagesOf, quietest } from './passages'
import { RATE, Sound } from './sound'

/** A tone with pauses of 0.2 seconds in it, around these. */
const tone = (seconds: number, ...pauses: number[]) =>
  Float32Array.from({ length: seconds * RATE }, (_, i) =>
    pauses.some((pause) => Math.abs(i / RATE - pause) < 0.1)
      ? 1e-3
      : Math.sin((i * 2 * Math.PI * 440) / RATE),
  )

const never = new AbortController().signal

async function collect(passages: AsyncIterable<Passage>) {
  const all: Passage[] = []
  for await (const passage of passages) all.push(passage)
  return all
}

test('a passage ends in the middle of a pause in its last third', () => {
  expect(quietest(tone(3, 0.5, 2.5)) / RATE).toBeCloseTo(2.5, 1)
  expect(quietest(tone(3, 0.5, 2.2)) / RATE).toBeCloseTo(2.2, 1)
})

test('a file: every sample is heard once, with the times of the whole', async () => {
  const sound = new Sound()
  sound.append(tone(7, 2.6, 5.2))
  sound.end()
  const lengths: number[] = []
  const ear = async (samples: Float32Array) => {
    lengths.push(samples.length)
    return [{ text: ' word', start: 0.5, end: 1 }]
  }
  const passages = await collect(passagesOf(sound, ear, { longest: 3, live: false, signal: never }))
  expect(lengths.reduce((sum, length) => sum + length)).toBe(7 * RATE)
  expect(passages.map(({ end }) => Number(end.toFixed(1)))).toEqual([2.6, 5.2, 7])
  expect(passages.map(({ start, words }) => words[0]!.start - start)).toEqual([0.5, 0.5, 0.5])
  expect(passages.every(({ final }) => final)).toBe(true)
})

test('live: what was said so far is told until the passage is final', async () => {
  const sound = new Sound()
  const whole = tone(4, 2.6)
  const ear = async (samples: Float32Array, firm: boolean) => {
    const { length } = sound
    if (length < whole.length) sound.append(whole.subarray(length, length + RATE))
    else sound.end()
    return [{ text: String(firm), start: 0, end: samples.length / RATE }]
  }
  sound.append(whole.subarray(0, RATE))
  const passages = await collect(passagesOf(sound, ear, { longest: 3, live: true, signal: never }))
  expect(passages.map(({ final, start, end }) => [final, +start.toFixed(1), +end.toFixed(1)])).toEqual([
    [false, 0, 1],
    [false, 0, 2],
    [true, 0, 2.6],
    [false, 2.6, 4],
    [true, 2.6, 4],
  ])
  expect(passages.map(({ words }) => words[0]!.text)).toEqual(passages.map(({ final }) => String(final)))
})

test('silence is not asked about; nothing is waited for that does not come', async () => {
  const sound = new Sound()
  sound.append(new Float32Array(RATE))
  sound.end()
  const ear = async () => expect.unreachable()
  const passages = await collect(passagesOf(sound, ear, { longest: 3, live: false, signal: never }))
  expect(passages).toMatchObject([{ start: 0, end: 1, words: [], final: true }])
})

test('who gives up is told no more', async () => {
  const sound = new Sound()
  const controller = new AbortController()
  const passages = collect(
    passagesOf(sound, async () => [], { longest: 3, live: true, signal: controller.signal }),
  )
  controller.abort()
  sound.end()
  await expect(passages).rejects.toThrow('abort')
})
