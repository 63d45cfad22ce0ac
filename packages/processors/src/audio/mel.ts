/** @file Mel filters: how much each band of frequencies takes of each bin of a spectrum. */

/** How a mel scale is spelled in a configuration. */
export type MelScale = 'htk' | 'kaldi' | 'slaney'

export interface MelFilterOptions {
  /** Bins of the spectrum: half the transform's length and one. */
  numFrequencyBins: number
  numMelFilters: number
  /** In hertz. */
  minFrequency: number
  maxFrequency: number
  samplingRate: number
  /** `'slaney'` divides each filter by its width. */
  norm?: 'slaney'
  melScale: MelScale
  /** Whether the triangles have straight sides on the mel scale, as Kaldi's, and not in hertz. */
  triangularizeInMelSpace?: boolean
}

/** A filter's weights, of the bins from `first` on; outside it has none. */
export interface MelFilter {
  readonly first: number
  readonly weights: Float64Array
}

/** Triangular filters, evenly spaced on a mel scale. Like `mel_filter_bank` in Python.
 * @example
 * const filters = melFilterBank({ numFrequencyBins: 201, numMelFilters: 80, minFrequency: 0, maxFrequency: 8000,
 *   samplingRate: 16000, norm: 'slaney', melScale: 'slaney' })
 * filters[0] // { first: 1, weights: Float64Array [0.0249] }
 */
export function melFilterBank({
  numFrequencyBins,
  numMelFilters,
  minFrequency,
  maxFrequency,
  samplingRate,
  norm,
  melScale,
  triangularizeInMelSpace = false,
}: MelFilterOptions): MelFilter[] {
  const { toMel, toHertz } = scales[melScale]
  const mels = evenly(toMel(minFrequency), toMel(maxFrequency), numMelFilters + 2)
  const edges = triangularizeInMelSpace ? mels : mels.map(toHertz)
  const width = samplingRate / ((numFrequencyBins - 1) * 2)
  const bins = triangularizeInMelSpace
    ? Array.from({ length: numFrequencyBins }, (_, i) => toMel(width * i))
    : evenly(0, Math.floor(samplingRate / 2), numFrequencyBins)
  return Array.from({ length: numMelFilters }, (_, i) => {
    const [low, middle, high] = [edges[i]!, edges[i + 1]!, edges[i + 2]!]
    const scale = norm === 'slaney' ? 2 / (high - low) : 1
    const weight = (bin: number) =>
      Math.max(0, Math.min((bin - low) / (middle - low), (high - bin) / (high - middle))) * scale
    return trimmed(bins.map(weight))
  })
}

/** Without the zeros at both ends. */
function trimmed(weights: readonly number[]): MelFilter {
  const first = Math.max(
    0,
    weights.findIndex((weight) => weight > 0),
  )
  const last = weights.findLastIndex((weight) => weight > 0)
  return { first, weights: Float64Array.from(weights.slice(first, last + 1)) }
}

const evenly = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + (i * (to - from)) / (count - 1))

interface Scale {
  toMel(hertz: number): number
  toHertz(mel: number): number
}

// Slaney's is linear up to 1,000 Hz, which are 15 mel, and logarithmic above: 27 mel for a factor of 6.4.
const STEP = Math.log(6.4) / 27

const scales: Record<MelScale, Scale> = {
  htk: {
    toMel: (hertz) => 2595 * Math.log10(1 + hertz / 700),
    toHertz: (mel) => 700 * (10 ** (mel / 2595) - 1),
  },
  kaldi: {
    toMel: (hertz) => 1127 * Math.log(1 + hertz / 700),
    toHertz: (mel) => 700 * (Math.exp(mel / 1127) - 1),
  },
  slaney: {
    toMel: (hertz) => (hertz < 1000 ? (3 * hertz) / 200 : 15 + Math.log(hertz / 1000) / STEP),
    toHertz: (mel) => (mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(STEP * (mel - 15))),
  },
}
