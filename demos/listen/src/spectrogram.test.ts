import { expect, test } from 'vitest'
import { WhisperFeatureExtractor } from 'webformers'
import { RATE, Sound } from './sound'
import { heightOf, LOWEST, MELS, SCALE, Spectrogram } from './spectrogram'

let seed = 1
const noise = () => {
  seed = (seed * 16807) % 2147483647
  return seed / 2147483647 - 0.5
}
/** Two tones, one after the other, in noise. */
const hertz = (i: number) => (i < 6 * RATE ? 440 : 3000)
const samples = Float32Array.from(
  { length: 11.5 * RATE + 77 },
  (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz(i) * i) / RATE) + 0.05 * noise(),
)

async function spectrogramOf(appends: number) {
  const sound = new Sound()
  const spectrogram = new Spectrogram()
  const following = spectrogram.follow(sound, () => {}, new AbortController().signal)
  for (let at = 0; at < samples.length; at += appends) {
    sound.append(samples.subarray(at, at + appends))
    await new Promise((resolve) => setTimeout(resolve))
  }
  sound.end()
  await following
  return spectrogram
}

test.each([samples.length, 4000])(
  'in pieces it is what the whole sound has, appended by %i',
  async (appends) => {
    const spectrogram = await spectrogramOf(appends)
    const extract = await WhisperFeatureExtractor.fromConfig({ feature_size: MELS })
    const options = { padding: 'longest', truncation: false } as const
    const { input_features } = await extract(samples, options)
    const [, , frames] = input_features.shape
    expect(spectrogram.frames).toBe(frames)
    let furthest = 0
    for (let frame = 0; frame < frames!; frame++)
      for (let mel = 0; mel < MELS; mel++) {
        const level = input_features.data[mel * frames! + frame]! * 4 - 4
        furthest = Math.max(furthest, Math.abs(spectrogram.frame(frame)[mel]! - (level - LOWEST) * SCALE))
      }
    expect(furthest).toBeLessThan(0.51)
  },
)

test('a tone is loudest where its frequency is marked', async () => {
  const spectrogram = await spectrogramOf(RATE)
  const loudest = (frame: number) => {
    const levels = [...spectrogram.frame(frame)]
    return levels.indexOf(Math.max(...levels))
  }
  expect(Math.abs(loudest(300) + 0.5 - heightOf(440) * MELS)).toBeLessThan(1)
  expect(Math.abs(loudest(900) + 0.5 - heightOf(3000) * MELS)).toBeLessThan(1)
})
