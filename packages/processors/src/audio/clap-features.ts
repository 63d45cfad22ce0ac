/** @file Mel spectrograms in decibels as CLAP takes them. */
import type { FeatureTensor } from '../tensor'
import { AudioError } from './errors'
import type { FeatureExtractorConfig, FeatureExtractorOptions } from './feature-extractor'
import { stacked } from './features'
import { fuse } from './fusion'
import { type MelScale, melFilterBank } from './mel'
import { frameCount, hann, melEnergies, type SpectrogramPlan } from './spectrogram'

/** Of longer sound: a random part, or three parts and all of it shrunk. */
export type ClapTruncation = 'fusion' | 'rand_trunc'
/** Of shorter sound: said again as often as it fits, or so that it fills, then silence; or silence alone. */
export type ClapPadding = 'repeatpad' | 'repeat' | 'pad'

export interface ClapFeatureExtractorConfig extends FeatureExtractorConfig {
  hop_length: number
  max_length_s: number
  nb_max_samples: number
  fft_window_size: number
  nb_frequency_bins: number
  frequency_min: number
  frequency_max: number
  top_db: number | null
  truncation: ClapTruncation
  padding: ClapPadding
}

export interface ClapFeatureOptions extends FeatureExtractorOptions {
  truncation?: ClapTruncation
  padding?: ClapPadding
  /** In samples. */
  maxLength?: number
  /** Chooses the parts of longer sound: numbers from 0 to 1. Default: `Math.random`. */
  random?: () => number
}

export type ClapFeatures = {
  /** [batch, 1, frames, mels], or with fusion [batch, 4, frames, mels]. */
  input_features: FeatureTensor<'float32'>
  /** [batch, 1], whether a sound was longer. */
  is_longer: FeatureTensor<'bool'>
}

export async function clapFeatures(
  sounds: readonly Float32Array[],
  config: ClapFeatureExtractorConfig,
  options: ClapFeatureOptions,
): Promise<ClapFeatures> {
  const { feature_size, hop_length, nb_max_samples } = config
  const { truncation = config.truncation, random = Math.random } = options
  if (truncation !== 'fusion' && truncation !== 'rand_trunc')
    throw new AudioError(`truncation is 'fusion' or 'rand_trunc', not ${JSON.stringify(truncation)}.`)
  const call = {
    config,
    truncation,
    padding: options.padding || config.padding,
    maxLength: options.maxLength || nb_max_samples,
    random,
    signal: options.signal,
  }
  const parts: Part[] = []
  for (const sound of sounds) parts.push(await partOf(sound, call))
  // With fusion, the model wants a longer one in every batch.
  if (truncation === 'fusion' && !parts.some(({ longer }) => longer))
    parts[Math.floor(random() * parts.length)]!.longer = true
  const frames = Math.floor(call.maxLength / hop_length) + 1
  const channels = truncation === 'fusion' ? 4 : 1
  return {
    input_features: stacked(
      parts.map(({ mel }) => mel),
      [channels, frames, feature_size],
    ),
    is_longer: {
      dtype: 'bool',
      shape: [parts.length, 1],
      data: Uint8Array.from(parts, ({ longer }) => Number(longer)),
    },
  }
}
interface Part {
  readonly mel: Float32Array
  longer: boolean
}

interface Call {
  readonly config: ClapFeatureExtractorConfig
  readonly truncation: ClapTruncation
  readonly padding: ClapPadding
  readonly maxLength: number
  readonly random: () => number
  readonly signal: AbortSignal | undefined
}

async function partOf(sound: Float32Array, call: Call): Promise<Part> {
  const { truncation, maxLength, random, config, padding, signal } = call
  const scale = truncation === 'fusion' ? 'htk' : 'slaney'
  const decibels = (samples: Float32Array) => inDecibels(samples, planOf(config, scale), signal)
  if (sound.length > maxLength && truncation === 'rand_trunc') {
    const start = Math.floor(random() * (sound.length - maxLength + 1))
    return { mel: await decibels(sound.subarray(start, start + maxLength)), longer: true }
  }
  const mel = await decibels(sound.length < maxLength ? filled(sound, maxLength, padding) : sound)
  if (truncation === 'rand_trunc') return { mel, longer: false }
  const [size, frames] = [config.feature_size, Math.floor(maxLength / config.hop_length) + 1]
  const longer = mel.length / size > frames
  return { mel: longer ? fuse(mel, size, frames, random) : repeated(mel, 4), longer }
}

function repeated(values: Float32Array, times: number): Float32Array {
  const all = new Float32Array(values.length * times)
  for (let i = 0; i < times; i++) all.set(values, i * values.length)
  return all
}

/** Shorter sound, filled up. */
function filled(sound: Float32Array, length: number, padding: ClapPadding): Float32Array {
  const whole = new Float32Array(length)
  const repeats = padding === 'pad' ? 1 : Math.floor(length / sound.length) + (padding === 'repeat' ? 1 : 0)
  for (let i = 0; i < repeats; i++) {
    const at = i * sound.length
    whole.set(sound.subarray(0, length - at), at)
  }
  return whole
}

const planOf = (
  { fft_window_size, hop_length, feature_size, ...config }: ClapFeatureExtractorConfig,
  melScale: MelScale,
): SpectrogramPlan => ({
  window: hann(fft_window_size),
  hopLength: hop_length,
  center: true,
  filters: melFilterBank({
    numFrequencyBins: config.nb_frequency_bins,
    numMelFilters: feature_size,
    minFrequency: config.frequency_min,
    maxFrequency: config.frequency_max,
    samplingRate: config.sampling_rate,
    ...(melScale === 'slaney' && { norm: 'slaney' }),
    melScale,
  }),
})

/** [frames, mels]. */
async function inDecibels(
  samples: Float32Array,
  plan: SpectrogramPlan,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const mels = plan.filters.length
  const spectrogram = new Float32Array(frameCount(samples.length, plan) * mels)
  await melEnergies(
    samples,
    plan,
    (frame, energies) => {
      for (let mel = 0; mel < mels; mel++)
        spectrogram[frame * mels + mel] = 10 * Math.log10(Math.max(energies[mel]!, 1e-10))
    },
    signal,
  )
  return spectrogram
}
