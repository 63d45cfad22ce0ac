/** @file Log-mel spectrograms as Whisper takes them. */
import type { FeatureTensor } from '../tensor'
import type { FeatureExtractorConfig, FeatureExtractorOptions } from './feature-extractor'
import { stacked, stackedMasks } from './features'
import { melFilterBank } from './mel'
import { noisy } from './noise'
import { maskOf, type PaddedSound, type PadOptions, pad } from './pad'
import { frameCount, hann, melEnergies, type SpectrogramPlan } from './spectrogram'
import { normalized } from './zero-mean'

export interface WhisperFeatureExtractorConfig extends FeatureExtractorConfig {
  hop_length: number
  /** Seconds of sound that the model takes. */
  chunk_length: number
  n_fft: number
  dither: number
  n_samples: number
  nb_max_frames: number
}

export interface WhisperFeatureOptions extends FeatureExtractorOptions, PadOptions {
  /** Bring the sound to mean 0 and variance 1 first. Default: `false`. */
  doNormalize?: boolean
  /** Give `num_frames`, how many frames of each sound are no padding. Default: `false`. */
  returnTokenTimestamps?: boolean
}

export type WhisperFeatures = {
  /** [batch, mels, frames]. */
  input_features: FeatureTensor<'float32'>
  /** [batch, frames], 0 where there is padding; when asked for. */
  attention_mask?: FeatureTensor<'int32'>
  num_frames?: number[]
}

export async function whisperFeatures(
  sounds: readonly Float32Array[],
  config: WhisperFeatureExtractorConfig,
  options: WhisperFeatureOptions,
): Promise<WhisperFeatures> {
  const { n_samples, hop_length, padding_value, dither, feature_size } = config
  const { doNormalize = false, returnTokenTimestamps = false, returnAttentionMask = false, signal } = options
  const padding = { padding: 'maxLength', truncation: true, ...options } as const
  const padded = pad(sounds, { ...padding, maxLength: padding.maxLength || n_samples }, config)
  const plan = planOf(config)
  const rows: Float32Array[] = []
  for (const sound of padded) {
    const samples = doNormalize ? await normalized(sound, padding_value, signal) : sound.samples
    const dithered = dither === 0 ? samples : await noisy(samples, dither, signal)
    rows.push(await logMel(dithered, plan, signal))
  }
  const frames = rows[0]!.length / feature_size
  return {
    input_features: stacked(rows, [feature_size, frames]),
    ...(returnAttentionMask && {
      attention_mask: stackedMasks(padded.map((sound) => masked(sound, hop_length))),
    }),
    ...(returnTokenTimestamps && { num_frames: sounds.map(({ length }) => Math.floor(length / hop_length)) }),
  }
}
/** The highest frequency that the model was trained with, whatever the rate. */
const HIGHEST = 8000

const planOf = ({
  n_fft,
  hop_length,
  feature_size,
  sampling_rate,
}: WhisperFeatureExtractorConfig): SpectrogramPlan => ({
  window: hann(n_fft),
  hopLength: hop_length,
  center: true,
  filters: melFilterBank({
    numFrequencyBins: 1 + Math.floor(n_fft / 2),
    numMelFilters: feature_size,
    minFrequency: 0,
    maxFrequency: HIGHEST,
    samplingRate: sampling_rate,
    norm: 'slaney',
    melScale: 'slaney',
  }),
})

/** Logarithms of energies, [mels, frames], no more than 8 powers of ten below the loudest; the last frame is left out. */
async function logMel(
  samples: Float32Array,
  plan: SpectrogramPlan,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const mels = plan.filters.length
  const frames = Math.max(0, frameCount(samples.length, plan) - 1)
  const spectrogram = new Float32Array(mels * frames)
  let loudest = -10
  await melEnergies(
    samples,
    plan,
    (frame, energies) => {
      if (frame === frames) return
      for (let mel = 0; mel < mels; mel++) {
        const level = Math.log10(Math.max(energies[mel]!, 1e-10))
        spectrogram[mel * frames + frame] = level
        if (level > loudest) loudest = level
      }
    },
    signal,
  )
  const floor = loudest - 8
  for (let i = 0; i < spectrogram.length; i++) spectrogram[i] = (Math.max(spectrogram[i]!, floor) + 4) / 4
  return spectrogram
}

/** The mask of samples as one of frames, of which there is one less than a transform gives. */
function masked(sound: PaddedSound, hop: number): Int32Array {
  const samples = maskOf(sound)
  const mask = new Int32Array(Math.floor(samples.length / hop))
  for (let frame = 0; frame < mask.length; frame++) mask[frame] = samples[frame * hop]!
  return mask
}
