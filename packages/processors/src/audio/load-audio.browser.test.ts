import { FileNotFoundError, NetworkError } from '@webformers/hub'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { userEvent } from 'vitest/browser'
import {
  AudioDecodeError,
  AudioError,
  loadAudio,
  MicrophoneError,
  microphoneChunks,
  openMicrophone,
  WhisperFeatureExtractor,
} from '..'
import files from './fixture/files.json'

const bytesOf = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

afterEach(() => {
  vi.restoreAllMocks()
})

describe('files that the browser decodes', () => {
  test.each(files.compressed)('$name, at its own rate', async ({ file, samples, rate }) => {
    const found = await loadAudio(new Blob([bytesOf(file)]), { samplingRate: rate })
    const expected = new Float32Array(bytesOf(samples.data).buffer)
    // Decoders may leave out, or not, what encoders put around the sound: the best place for its middle is looked for.
    const middle = [...expected.entries()].slice(expected.length / 4, (expected.length * 3) / 4)
    const error = (shift: number) => {
      let sum = 0
      for (const [i, value] of middle) sum += ((found[i * samples.step + shift] ?? 0) - value) ** 2
      return Math.sqrt(sum / middle.length)
    }
    const loud = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length)
    const shifts = Array.from({ length: 6001 }, (_, i) => i - 3000)
    expect(Math.min(...shifts.map(error))).toBeLessThan(loud * 0.01)
  })

  test('what is no sound is refused', async () => {
    await expect(loadAudio(new Blob(['ID3 and no more']))).rejects.toThrow(AudioDecodeError)
    await expect(loadAudio(new Blob([]))).rejects.toThrow(/0 bytes that begin with nothing/)
    const broken = bytesOf(files.compressed[0]!.file).fill(0, 100)
    await expect(loadAudio(broken)).rejects.toThrow(AudioDecodeError)
  })

  test('addresses are fetched', async () => {
    const url = URL.createObjectURL(new Blob([bytesOf(files.wav[0]!.file)]))
    expect(await loadAudio(url, { samplingRate: 12345 })).toHaveLength(90)
    await expect(loadAudio(url, { fetch: async () => new Response('', { status: 404 }) })).rejects.toThrow(
      FileNotFoundError,
    )
    await expect(loadAudio(url, { fetch: async () => Promise.reject(new TypeError('no')) })).rejects.toThrow(
      NetworkError,
    )
  })

  test('an AudioBuffer has its channels averaged', async () => {
    const buffer = new AudioBuffer({ length: 100, numberOfChannels: 2, sampleRate: 16000 })
    buffer.getChannelData(0).fill(0.5)
    buffer.getChannelData(1).fill(-0.1)
    const samples = await loadAudio(buffer)
    expect(samples).toHaveLength(100)
    for (const value of samples) expect(value).toBeCloseTo(0.2, 6)
  })
})

describe('a microphone', () => {
  test.each([
    ['NotAllowedError', 'refused'],
    ['NotFoundError', 'none'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'failed'],
  ])('%s is told as %s', async (name, reason) => {
    vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValue(new DOMException('no', name))
    const error = await openMicrophone().catch((error) => error)
    expect(error).toBeInstanceOf(MicrophoneError)
    expect(error.reason).toBe(reason)
  })

  test('is heard until its tracks are stopped', async () => {
    await userEvent.click(document.body) // who has not clicked is not listened to
    const playing = new AudioContext()
    const tone = new OscillatorNode(playing, { frequency: 440 })
    const output = playing.createMediaStreamDestination()
    tone.connect(output)
    tone.start()
    const { stream } = output
    const pieces: Float32Array[] = []
    for await (const piece of microphoneChunks(stream, { samplingRate: 16000, chunkLengthS: 0.1 })) {
      pieces.push(piece)
      if (pieces.length === 5) for (const track of stream.getTracks()) track.stop()
    }
    await playing.close()
    expect(pieces.length).toBeGreaterThanOrEqual(5)
    expect(pieces.slice(0, 5).every(({ length }) => length === 1600)).toBe(true)
    // 440 Hz: 44 times up through zero in a tenth of a second.
    const last = pieces[4]!
    const crossings = last.filter((value, i) => i > 0 && value > 0 && last[i - 1]! <= 0).length
    expect(Math.abs(crossings - 44)).toBeLessThanOrEqual(2)
  })

  test('an abort ends the listening', async () => {
    const playing = new AudioContext()
    const { stream } = playing.createMediaStreamDestination()
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 200)
    await expect(loadAudio(stream, { signal: controller.signal })).rejects.toThrow('enough')
    await playing.close()
  })

  test('a stream without sound is refused', async () => {
    await expect(loadAudio(new MediaStream())).rejects.toThrow(AudioError)
  })
})

test('minutes of sound leave the page its turns', async () => {
  const extract = await WhisperFeatureExtractor.fromConfig()
  const sound = Float32Array.from({ length: 16000 * 300 }, (_, i) => Math.sin(i / 7) * Math.sin(i / 9000))
  await extract(sound.subarray(0, 16000)) // the code is there
  let [last, longest, ticks] = [performance.now(), 0, 0]
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
    ticks++
  }, 1)
  await extract(sound, { truncation: false, padding: 'longest' })
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(5)
  expect(longest).toBeLessThan(1000) // as long as it is not all of it
})
