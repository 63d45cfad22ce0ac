/** @file Models that write what they hear, such as Whisper. */
import type { WhisperFeatureExtractorConfig } from '@webformers/processors'
import type { AsrOutput } from '@webformers/tokenizers'
import type { GenerateOutput } from '../../generation/outputs'
import { featuresOf } from '../sounds'
import type { Context } from '../task'
import type { Recognition, SpeechConfig } from './options'
import type { Piece } from './pieces'

/** The spectrograms of pieces: each 30 seconds, or of one that is longer all of it. */
export function spectrogramsOf(pieces: readonly Piece[], context: Context) {
  const { n_samples } = context.featureExtractor.config as WhisperFeatureExtractorConfig
  const longer = pieces.length === 1 && !pieces[0]!.stride && pieces[0]!.samples.length > n_samples
  const whole = longer ? { truncation: false, padding: 'longest' } : {}
  return featuresOf(pieces.map(({ samples }) => samples) as never, context, {
    ...whole,
    returnAttentionMask: true,
  })
}

/** Seconds from one timestamp to the next. */
export const timePrecision = ({ featureExtractor, config }: Context): number =>
  (featureExtractor.config as WhisperFeatureExtractorConfig).chunk_length /
  (config as SpeechConfig).max_source_positions!

/** What the model writes about each piece. */
export async function write(
  pieces: readonly Piece[],
  { call, speech, timestamps }: Recognition,
  context: Context,
): Promise<AsrOutput[]> {
  const { model, featureExtractor, signal } = context
  const words = timestamps === 'word'
  const options = {
    ...call!.options,
    ...speech,
    ...(timestamps && { returnTimestamps: true }),
    signal,
  }
  const inputs = await spectrogramsOf(pieces, context)
  const output: Partial<GenerateOutput> = words
    ? await model.generate(inputs, { ...options, returnTokenTimestamps: true, returnSegments: true })
    : { sequences: await model.generate(inputs, options) }
  const sequences = output.sequences!
  const second = featureExtractor.config.sampling_rate
  const length = sequences.shape[1]!
  return pieces.map(({ stride }, i) => {
    const tokens = Array.from(sequences.data.subarray(i * length, (i + 1) * length))
    return {
      tokens,
      ...(words && { token_timestamps: timesOf(output, i, length) }),
      ...(stride && { stride: [stride[0] / second, stride[1] / second, stride[2] / second] as const }),
    }
  })
}

/** When each token ends, of all segments. */
function timesOf(
  { segments, token_timestamps }: Partial<GenerateOutput>,
  row: number,
  length: number,
): number[] {
  if (segments) return segments[row]!.flatMap(({ token_timestamps: times }) => [...times!])
  return Array.from(token_timestamps!.data.subarray(row * length, (row + 1) * length))
}
