/** @file WAV files, read to the sample: what a browser's decoder gives is resampled to its own rate, and is not there in workers. */
import { AudioDecodeError } from './errors'
import { inSlices } from './slices'

/** Sound as it was recorded: a list of samples for each channel. */
export interface Recording {
  readonly sampling_rate: number
  readonly channels: readonly Float32Array[]
}

/** Whether bytes begin as a WAV file does. */
export const isWav = (view: DataView): boolean =>
  view.byteLength >= 12 && ['RIFF', 'RF64'].includes(nameAt(view, 0)) && nameAt(view, 8) === 'WAVE'

const nameAt = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)))

/** A sample's value, and the bytes it takes. */
interface Format {
  readonly size: number
  read(view: DataView, at: number): number
}

// Whole numbers become fractions of the largest power of two, as soundfile and ffmpeg make them.
const formats: Readonly<Record<string, Format>> = {
  'pcm 8': { size: 1, read: (view, at) => (view.getUint8(at) - 128) / 128 },
  'pcm 16': { size: 2, read: (view, at) => view.getInt16(at, true) / 32768 },
  'pcm 24': {
    size: 3,
    read: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8388608,
  },
  'pcm 32': { size: 4, read: (view, at) => view.getInt32(at, true) / 2147483648 },
  'float 32': { size: 4, read: (view, at) => view.getFloat32(at, true) },
  'float 64': { size: 8, read: (view, at) => view.getFloat64(at, true) },
  'mu-law 8': { size: 1, read: (view, at) => muLaw(view.getUint8(at)) },
  'A-law 8': { size: 1, read: (view, at) => aLaw(view.getUint8(at)) },
}
const names: Readonly<Record<number, string>> = { 1: 'pcm', 3: 'float', 6: 'A-law', 7: 'mu-law' }
/** The format is told by the first two bytes of an identifier further on. */
const EXTENSIBLE = 0xfffe

/** G.711: a sign, an exponent of three bits and a mantissa of four, all inverted. */
function muLaw(byte: number): number {
  const code = ~byte & 0xff
  const size = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132
  return (code & 128 ? -size : size) / 32768
}

function aLaw(byte: number): number {
  const code = byte ^ 0x55
  const exponent = (code >> 4) & 7
  const mantissa = ((code & 15) << 4) + (exponent === 0 ? 8 : 264)
  const size = exponent < 2 ? mantissa : mantissa << (exponent - 1)
  return (code & 128 ? size : -size) / 32768
}

/** The chunks of a file, by name; one that says it is longer than the file ends with it, as of a recording that was broken off. */
function chunksOf(view: DataView): Map<string, DataView> {
  const chunks = new Map<string, DataView>()
  let at = 12
  while (at + 8 <= view.byteLength) {
    const name = nameAt(view, at)
    const length = Math.min(view.getUint32(at + 4, true), view.byteLength - at - 8)
    if (!chunks.has(name)) chunks.set(name, new DataView(view.buffer, view.byteOffset + at + 8, length))
    at += 8 + length + (length % 2)
  }
  return chunks
}

/** @throws {AudioDecodeError} when it is no WAV file that makes sense, or of a compressed kind */
export async function readWav(view: DataView, signal?: AbortSignal): Promise<Recording> {
  const chunks = chunksOf(view)
  const [about, data] = [chunks.get('fmt '), chunks.get('data')]
  if (!about || about.byteLength < 16 || !data) {
    throw new AudioDecodeError(
      `A WAV file has the chunks "fmt " and "data". This one has ${[...chunks.keys()].map((name) => JSON.stringify(name)).join(', ') || 'none'}.`,
    )
  }
  const code = about.getUint16(0, true)
  const kind = code === EXTENSIBLE && about.byteLength >= 26 ? about.getUint16(24, true) : code
  const [count, sampling_rate] = [about.getUint16(2, true), about.getUint32(4, true)]
  const [block, bits] = [about.getUint16(12, true), about.getUint16(14, true)]
  const format = formats[`${names[kind]} ${bits}`]
  if (!format || count === 0 || sampling_rate === 0 || block !== count * format.size) {
    throw new AudioDecodeError(
      `The WAV file is of format ${kind} with ${bits} bits, ${count} channels and ${sampling_rate} samples a second. ` +
        `Expected one of: ${Object.keys(formats).join(', ')} bits.`,
    )
  }
  const samples = Math.floor(data.byteLength / block)
  const channels = Array.from({ length: count }, () => new Float32Array(samples))
  const { size, read } = format
  await inSlices(
    samples,
    (from, to) => {
      for (const [c, channel] of channels.entries())
        for (let i = from; i < to; i++) channel[i] = read(data, i * block + c * size)
    },
    signal,
    Math.ceil((1 << 16) / count),
  )
  return { sampling_rate, channels }
}
