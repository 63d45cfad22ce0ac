/** @file Resampling by a bank of windowed sinc filters, one for each place an output sample can have between two inputs. */
import { AudioError } from './errors'
import { inSlices } from './slices'

/** Zero crossings of the sinc on each side, and how much of the band is kept: torchaudio's defaults, which Python's pipelines use. */
const CROSSINGS = 6
const ROLLOFF = 0.99

/** A filter for each phase: output `i` of each `to` outputs reads `taps` inputs, the first of them `firsts[i]` after the input that
 * the `to` outputs begin at. */
interface Bank {
  readonly from: number
  readonly to: number
  readonly taps: number
  readonly firsts: Int32Array
  readonly weights: Float64Array
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** Filters take a while to make, and chunks of a stream all need the same. */
let latest: { readonly name: string; readonly bank: Bank } | undefined

/** @throws {AudioError} when a rate is no whole number of samples a second */
function bankOf(fromRate: number, toRate: number): Bank {
  for (const rate of [fromRate, toRate]) {
    if (!Number.isInteger(rate) || rate <= 0)
      throw new AudioError(
        `A sampling rate is a whole number of samples a second, such as 16000. It was ${rate}.`,
      )
  }
  const name = `${fromRate}/${toRate}`
  if (latest?.name === name) return latest.bank
  const common = divisor(fromRate, toRate)
  const bank = makeBank(fromRate / common, toRate / common)
  latest = { name, bank }
  return bank
}

function makeBank(from: number, to: number): Bank {
  const cutoff = Math.min(from, to) * ROLLOFF
  const reach = (CROSSINGS * from) / cutoff // inputs on each side
  const taps = 2 * Math.floor(reach) + 2
  const firsts = new Int32Array(to)
  const weights = new Float64Array(to * taps)
  for (let phase = 0; phase < to; phase++) {
    const place = (phase * from) / to
    const first = Math.ceil(place - reach)
    firsts[phase] = first
    for (let tap = 0; tap < taps; tap++)
      weights[phase * taps + tap] = weight(((first + tap - place) / from) * cutoff) * (cutoff / from)
  }
  return { from, to, taps, firsts, weights }
}

/** A sinc under a bell, at so many zero crossings from its middle. */
function weight(x: number): number {
  if (x === 0) return 1
  if (Math.abs(x) >= CROSSINGS) return 0
  return (Math.cos((x * Math.PI) / CROSSINGS / 2) ** 2 * Math.sin(x * Math.PI)) / (x * Math.PI)
}

/** Outputs `start` to `end` of a sound whose first sample here is its sample number `offset`; beyond its ends it is silent. */
function filter(
  { from, to, taps, firsts, weights }: Bank,
  sound: Float32Array,
  offset: number,
  output: Float32Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    const phase = i % to
    const first = ((i - phase) / to) * from + firsts[phase]! - offset
    const last = Math.min(taps, sound.length - first)
    const row = phase * taps
    let sum = 0
    for (let tap = Math.max(0, -first); tap < last; tap++) sum += sound[first + tap]! * weights[row + tap]!
    output[i - start] = sum
  }
}

/** See `resample` in lazy.ts. */
export async function resample(
  sound: Float32Array,
  fromRate: number,
  toRate: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (fromRate === toRate) return sound
  const bank = bankOf(fromRate, toRate)
  const output = new Float32Array(Math.ceil((sound.length * bank.to) / bank.from))
  const work = (start: number, end: number) => filter(bank, sound, 0, output.subarray(start, end), start, end)
  await inSlices(output.length, work, signal, 1 << 14)
  return output
}

/** The same for sound that comes in pieces: each gives what is certain by then, which is the same as of the whole. */
export class Resampler {
  readonly #bank: Bank
  /** What later outputs still need, and its place in the whole. */
  #kept = new Float32Array(0)
  #offset = 0
  #given = 0

  /** @throws {AudioError} when a rate is no positive whole number */
  constructor(fromRate: number, toRate: number) {
    this.#bank = bankOf(fromRate, toRate)
  }

  push(piece: Float32Array): Float32Array {
    const { from, to, taps, firsts } = this.#bank
    const sound = new Float32Array(this.#kept.length + piece.length)
    sound.set(this.#kept)
    sound.set(piece, this.#kept.length)
    const known = this.#offset + sound.length
    const startOf = (i: number) => ((i - (i % to)) / to) * from + firsts[i % to]!
    let end = this.#given
    while (startOf(end) + taps <= known) end++
    const output = this.#filter(sound, end)
    const needed = Math.max(this.#offset, startOf(end))
    this.#kept = sound.slice(needed - this.#offset)
    this.#offset = needed
    return output
  }

  /** The rest: nothing comes any more. */
  end(): Float32Array {
    const { from, to } = this.#bank
    return this.#filter(this.#kept, Math.ceil(((this.#offset + this.#kept.length) * to) / from))
  }

  #filter(sound: Float32Array, end: number): Float32Array {
    const output = new Float32Array(end - this.#given)
    filter(this.#bank, sound, this.#offset, output, this.#given, end)
    this.#given = end
    return output
  }
}
