import { describe, expect, test } from 'vitest'
import { AudioDecodeError, loadAudio } from '..'
import files from './fixture/files.json'
import { sampleRateOf } from './sample-rate'

const bytesOf = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

describe('WAV files, read as libsndfile reads them', () => {
  test.each(files.wav)('$name', async ({ file, mono, rate }) => {
    const samples = await loadAudio(bytesOf(file), { samplingRate: rate })
    const expected = new Float32Array(bytesOf(mono.data).buffer)
    expect(samples).toHaveLength(expected.length)
    for (const [i, value] of expected.entries()) expect(Math.abs(samples[i]! - value)).toBeLessThan(1e-7)
  })

  const whole = bytesOf(files.wav[2]!.file)

  test('one that was broken off ends where it ends', async () => {
    const cut = whole.slice(0, whole.length - 41)
    const all = await loadAudio(whole, { samplingRate: 12345 })
    const some = await loadAudio(cut, { samplingRate: 12345 })
    expect(some.length).toBe(all.length - 11)
    expect(some).toEqual(all.slice(0, some.length))
  })

  test.each([
    ['no chunks', whole.slice(0, 12)],
    ['no samples a second', whole.with(24, 0).with(25, 0)],
    ['another format', whole.with(20, 0x55)],
    ['blocks of another size', whole.with(32, 3)],
  ])('%s', async (_, broken) => {
    await expect(loadAudio(broken)).rejects.toThrow(AudioDecodeError)
  })
})

describe('the rate of compressed files', () => {
  test.each(files.compressed)('$name', ({ file, rate }) => {
    expect(sampleRateOf(new DataView(bytesOf(file).buffer))).toBe(rate)
  })

  test('nothing is known of other bytes', () => {
    expect(sampleRateOf(new DataView(new ArrayBuffer(0)))).toBeUndefined()
    expect(
      sampleRateOf(new DataView(bytesOf(btoa('no sound at all, but long enough')).buffer)),
    ).toBeUndefined()
  })
})
