import { AudioError, type AudioInput, loadAudio } from '@webformers/processors'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import speechUrl from '../../../processors/src/audio/fixture/speech.wav?url'
import { cases } from '../../fixtures/sound.json'
import { OptionError } from '../errors'
import { fixtures } from '../testing/browser'
import { hubOf } from '../testing/hub'
import { pipeline, type Task } from './index'

const hub = { fetch: hubOf(fixtures), cache: false }

type SoundTask = 'automatic-speech-recognition' | 'audio-classification' | 'zero-shot-audio-classification'
type Opened = Awaited<ReturnType<typeof pipeline<'automatic-speech-recognition'>>>
const opened = new Map<string, Promise<Opened>>()

/** Each pipeline once. */
function open(task: string, model: string): Promise<Opened> {
  const key = `${task} ${model}`
  const loading =
    opened.get(key) ?? pipeline(task as 'automatic-speech-recognition', model, { ...hub, device: 'wasm' })
  opened.set(key, loading)
  return loading
}
afterAll(async () => {
  for (const loading of opened.values()) await (await loading).dispose()
})

let sounds: Record<string, Float32Array>
beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const whole = await loadAudio(speechUrl)
  sounds = { whole, short: whole.subarray(0, 24000) }
})

/** Numbers may differ in their last digits. */
const near = (value: unknown): unknown => {
  if (typeof value === 'number') return expect.closeTo(value, 3)
  if (Array.isArray(value)) return value.map(near)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, near(item)]))
}

describe('answers as in Python', () => {
  test.each(
    cases.map(
      (each, i) => [i, each.task, each.model, each.sound, JSON.stringify(each.options), each] as const,
    ),
  )('%i: %s by %s of the %s sound, %s', async (_, task, model, sound, __, { options, answer }) => {
    const run = (await open(task, model)) as unknown as (
      sound: AudioInput,
      options: object,
    ) => Promise<unknown>
    expect(await run(sounds[sound]!, options)).toEqual(near(answer))
  })
})

describe('inputs', () => {
  const hears = () => open('automatic-speech-recognition', 'tiny/wav2vec2-letters')

  test('a list gives a list, a stream a stream, an address or a file what its samples give', async () => {
    const hear = await hears()
    const { whole, short } = sounds as { whole: Float32Array; short: Float32Array }
    const [one, two] = [await hear(whole), await hear(short)]
    expect(await hear([whole, short])).toEqual([one, two])
    expect(await hear([short])).toEqual([two])
    expect(await hear(speechUrl)).toEqual(one)
    expect(await hear(await (await fetch(speechUrl)).blob())).toEqual(one)
    expect(await hear({ array: whole, sampling_rate: 16000 })).toEqual(one)
    const answers: unknown[] = []
    async function* stream() {
      yield short
      yield whole
    }
    for await (const answer of hear(stream())) answers.push(answer)
    expect(answers).toEqual([two, one])
  })

  test('bad ones are refused, and what comes after is heard', async () => {
    const hear = await hears()
    await expect(hear(new Float32Array(0))).rejects.toThrow(AudioError)
    await expect(hear(Float32Array.of(0, Number.NaN))).rejects.toThrow(AudioError)
    expect((await hear(sounds.short!)).text.length).toBeGreaterThan(0)
  })

  test('silence is heard as something, and ends', async () => {
    const write = await open('automatic-speech-recognition', 'tiny/whisper-writer')
    expect(typeof (await write(new Float32Array(16000), { numBeams: 1 })).text).toBe('string')
  })

  test('options that the model knows nothing of', async () => {
    const [hear, write] = [await hears(), await open('automatic-speech-recognition', 'tiny/whisper-writer')]
    const sound = sounds.short!
    await expect(hear(sound, { returnTimestamps: true })).rejects.toThrow(OptionError)
    await expect(hear(sound, { returnLanguage: true })).rejects.toThrow(OptionError)
    await expect(hear(sound, { chunkLengthS: 1, strideLengthS: 1 })).rejects.toThrow(OptionError)
    await expect(write(sound, { returnTimestamps: 'char' })).rejects.toThrow(OptionError)
    await expect(write(sound, { chunkLengths: 3 } as never)).rejects.toThrow(/chunkLengthS/)
    const classify = await pipeline('audio-classification' as Task & SoundTask, 'tiny/ast-sounds', hub)
    await expect(classify(sound, { functionToApply: 'sum' } as never)).rejects.toThrow(OptionError)
    await classify.dispose()
  })
})

describe('streams', () => {
  test('what is written comes bit by bit', async () => {
    const write = await open('automatic-speech-recognition', 'tiny/whisper-writer')
    const pieces: string[] = []
    for await (const piece of write.stream(sounds.short!)) pieces.push(piece)
    expect(pieces.join('')).toBe((await write(sounds.short!, { numBeams: 1 })).text)
  })

  test('what is heard in pieces', async () => {
    const hear = await open('automatic-speech-recognition', 'tiny/wav2vec2-letters')
    const pieces: string[] = []
    for await (const piece of hear.stream(sounds.whole!, { chunkLengthS: 1 })) pieces.push(piece)
    expect(pieces.length).toBe(3)
  })
})
