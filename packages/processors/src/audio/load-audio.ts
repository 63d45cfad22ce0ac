/** @file `loadAudio`: sound of whatever kind, as the samples that a model takes. */
import { FileNotFoundError, NetworkError } from '@webformers/hub'
import { AudioDecodeError, AudioError } from './errors'
import { microphoneChunks } from './microphone'
import { resample } from './resample'
import { sampleRateOf } from './sample-rate'
import { inSlices } from './slices'
import { isWav, type Recording, readWav } from './wav'

/** Samples between -1 and 1. */
export type Samples = Float32Array | Float64Array | readonly number[]

/** Samples with their rate, as Python's pipelines and datasets have them. */
export type RawAudio = { readonly sampling_rate: number } & (
  | { readonly array: Samples | readonly Samples[] }
  | { readonly raw: Samples | readonly Samples[] }
)

/** Sound: an address, a file or its bytes, what a page has decoded already, a stream, or samples. */
export type AudioInput =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | Uint8Array
  | AudioBuffer
  | MediaStream
  | Samples
  | RawAudio

export interface LoadAudioOptions {
  /** Samples a second of what is given back. Default: 16000. */
  samplingRate?: number
  /** Samples a second of bare samples. Default: those of what is given back. */
  inputRate?: number
  fetch?: typeof fetch
  signal?: AbortSignal
}

/** See `loadAudio` in lazy.ts. */
export async function loadAudio(
  input: AudioInput,
  { samplingRate = 16000, inputRate = samplingRate, fetch, signal }: LoadAudioOptions = {},
): Promise<Float32Array> {
  signal?.throwIfAborted()
  const given = isStream(input) ? await record(input, samplingRate, signal) : input
  const recording = await recordingOf(given, { inputRate, samplingRate, fetch, signal })
  const mono = await mixed(recording.channels, signal)
  const sound = await resample(mono, recording.sampling_rate, samplingRate, signal)
  await check(sound, signal)
  return sound
}

const isStream = (input: AudioInput): input is MediaStream =>
  typeof input === 'object' && 'getAudioTracks' in input

async function record(
  stream: MediaStream,
  samplingRate: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const pieces: Float32Array[] = []
  for await (const piece of microphoneChunks(stream, { samplingRate, signal })) pieces.push(piece)
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

type Settled = Required<Pick<LoadAudioOptions, 'inputRate' | 'samplingRate'>> &
  Pick<LoadAudioOptions, 'fetch' | 'signal'>

async function recordingOf(
  input: Exclude<AudioInput, MediaStream>,
  { inputRate, samplingRate, fetch, signal }: Settled,
): Promise<Recording> {
  if (typeof input === 'string' || input instanceof URL)
    return decode(await bytesAt(input, fetch, signal), samplingRate, signal)
  if (input instanceof Blob) return decode(await input.arrayBuffer(), samplingRate, signal)
  if (input instanceof ArrayBuffer) return decode(input.slice(0), samplingRate, signal)
  if (input instanceof Uint8Array) return decode(input.slice().buffer, samplingRate, signal)
  if (isSamples(input)) return { sampling_rate: inputRate, channels: [floats(input)] }
  if (typeof input === 'object' && input !== null) {
    if ('getChannelData' in input) return channelsOf(input)
    const samples = 'array' in input ? input.array : 'raw' in input ? input.raw : undefined
    if (samples !== undefined && 'sampling_rate' in input) {
      const channels = isSamples(samples) ? [samples] : samples
      return { sampling_rate: input.sampling_rate, channels: channels.map(floats) }
    }
  }
  throw new AudioError(
    `${describe(input)} is no sound. Expected an address, a Blob, bytes, an AudioBuffer, a MediaStream, samples, ` +
      'or { array, sampling_rate }.',
  )
}

const describe = (input: unknown): string =>
  typeof input === 'object' && input !== null ? `An object of ${Object.keys(input)}` : String(input)

const isSamples = (input: unknown): input is Samples =>
  input instanceof Float32Array ||
  input instanceof Float64Array ||
  (Array.isArray(input) && (input.length === 0 || typeof input[0] === 'number'))

const floats = (samples: Samples): Float32Array =>
  samples instanceof Float32Array ? samples : Float32Array.from(samples)

const channelsOf = (buffer: AudioBuffer): Recording => ({
  sampling_rate: buffer.sampleRate,
  channels: Array.from({ length: buffer.numberOfChannels }, (_, i) => buffer.getChannelData(i)),
})

async function bytesAt(
  address: string | URL,
  fetch: typeof globalThis.fetch = globalThis.fetch,
  signal: AbortSignal | undefined,
): Promise<ArrayBuffer> {
  let answer: Response
  try {
    answer = await fetch(address, { signal })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new NetworkError(`"${address}" could not be fetched: ${(cause as Error).message}.`, { cause })
  }
  if (answer.status === 404) throw new FileNotFoundError(`There is no sound at "${address}".`)
  if (!answer.ok)
    throw new NetworkError(`"${address}" could not be fetched: the server says ${answer.status}.`)
  return answer.arrayBuffer()
}

/** Bytes of a file; they are gone afterwards. */
async function decode(
  bytes: ArrayBuffer,
  samplingRate: number,
  signal: AbortSignal | undefined,
): Promise<Recording> {
  const view = new DataView(bytes)
  if (isWav(view)) return readWav(view, signal)
  if (typeof OfflineAudioContext === 'undefined') {
    throw new AudioDecodeError(
      'Only WAV files can be read here: no other decoder exists outside of pages. Decode on the page, and hand over the samples.',
    )
  }
  const size = bytes.byteLength
  const begins = Array.from(new Uint8Array(bytes, 0, Math.min(8, size)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join(' ')
  try {
    const context = new OfflineAudioContext(1, 1, sampleRateOf(view) ?? samplingRate)
    return channelsOf(await context.decodeAudioData(bytes))
  } catch (cause) {
    throw new AudioDecodeError(
      `${size} bytes that begin with ${begins || 'nothing'} are no sound that this browser can read. Give WAV, or what it plays: MP3, FLAC, Ogg, AAC in most.`,
      { cause },
    )
  }
}

/** The mean of all channels. */
async function mixed(
  channels: readonly Float32Array[],
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const [first, ...others] = channels
  if (first === undefined) return new Float32Array(0)
  if (others.length === 0) return first
  if (others.some(({ length }) => length !== first.length))
    throw new AudioError(
      `The channels have ${channels.map(({ length }) => length).join(', ')} samples, and need as many each.`,
    )
  const mono = new Float32Array(first.length)
  await inSlices(
    mono.length,
    (from, to) => {
      for (let i = from; i < to; i++) {
        let sum = first[i]!
        for (const channel of others) sum += channel[i]!
        mono[i] = sum / channels.length
      }
    },
    signal,
  )
  return mono
}

/** @throws {AudioError} when there is nothing, or something that is no number */
async function check(sound: Float32Array, signal: AbortSignal | undefined): Promise<void> {
  if (sound.length === 0) throw new AudioError('The sound has no samples.')
  await inSlices(
    sound.length,
    (from, to) => {
      for (let i = from; i < to; i++) {
        if (!Number.isFinite(sound[i]!))
          throw new AudioError(
            `Sample ${i} of ${sound.length} is ${sound[i]}. Samples are numbers between -1 and 1.`,
          )
      }
    },
    signal,
  )
}
