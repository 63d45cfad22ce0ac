/** @file Filter banks as Kaldi's. */
import type { FeatureTensor } from '../tensor'
import type { FeatureExtractorConfig, FeatureExtractorOptions } from './feature-extractor'
import { stacked } from './features'
import { melFilterBank } from './mel'
import { hann, melEnergies, type SpectrogramPlan } from './spectrogram'

export interface ASTFeatureExtractorConfig extends FeatureExtractorConfig {
  num_mel_bins: number
  /** Frames of 10 milliseconds. */
  max_length: number
  do_normalize: boolean
  mean: number
  std: number
}

export type ASTFeatures = {
  /** [batch, frames, mels]. */
  input_values: FeatureTensor<'float32'>
}

export async function filterBanks(
  sounds: readonly Float32Array[],
  config: ASTFeatureExtractorConfig,
  { signal }: FeatureExtractorOptions,
): Promise<ASTFeatures> {
  const { max_length, num_mel_bins, do_normalize, mean, std } = config
  const plan = planOf(config)
  const rows: Float32Array[] = []
  for (const sound of sounds) {
    const row = new Float32Array(max_length * num_mel_bins)
    // Frames that are not needed are not computed.
    const needed = sound.subarray(0, plan.window.length + (max_length - 1) * plan.hopLength)
    await melEnergies(
      needed,
      plan,
      (frame, energies) => {
        for (let mel = 0; mel < num_mel_bins; mel++)
          row[frame * num_mel_bins + mel] = Math.log(Math.max(energies[mel]!, EPSILON))
      },
      signal,
    )
    if (do_normalize) for (let i = 0; i < row.length; i++) row[i] = (row[i]! - mean) / (std * 2)
    rows.push(row)
  }
  return { input_values: stacked(rows, [max_length, num_mel_bins]) }
}
/** The least energy: the distance of floats of single precision at 1. */
const EPSILON = 2 ** -23

/** Frames of 25 milliseconds every 10, in a transform of the next power of two. */
function planOf({ sampling_rate, num_mel_bins }: ASTFeatureExtractorConfig): SpectrogramPlan {
  const size = Math.floor(sampling_rate * 0.025)
  const fftLength = 2 ** Math.ceil(Math.log2(size))
  return {
    window: hann(size, { periodic: false }),
    fftLength,
    hopLength: Math.floor(sampling_rate * 0.01),
    center: false,
    removeDcOffset: true,
    preemphasis: 0.97,
    filters: melFilterBank({
      numFrequencyBins: fftLength / 2 + 1,
      numMelFilters: num_mel_bins,
      minFrequency: 20,
      maxFrequency: Math.floor(sampling_rate / 2),
      samplingRate: sampling_rate,
      melScale: 'kaldi',
      triangularizeInMelSpace: true,
    }),
  }
}
