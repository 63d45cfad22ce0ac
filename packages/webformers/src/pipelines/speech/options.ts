/** @file The options of `automatic-speech-recognition`, checked. */
import type { FeatureExtractorConfig } from '@webformers/processors'
import { OptionError } from '../../errors'
import { SPEECH_ONLY, type SpeechOptions } from '../../generation/whisper/options'
import { type GenerationOptions, type Settled, settleGeneration } from '../generation-options'
import type { Context } from '../task'

/** The options of the task that are not those of `generate()`. */
export interface RecognitionOptions {
  /** The times of what is said: of `'word'`s; of segments with `true`, of models that write, such as Whisper; of every `'char'`, of
   * models of CTC, such as Wav2Vec2. */
  returnTimestamps?: boolean | 'word' | 'char'
  /** Tell each chunk's language; Whisper's alone. */
  returnLanguage?: boolean
  /** Cut longer sound into pieces of so many seconds that overlap, each of which is read by itself. Default: 0, the sound is read as a
   * whole; Whisper reads it 30 seconds after 30 seconds then, each where the one before ended. */
  chunkLengthS?: number
  /** By how many seconds pieces overlap, on each side. Default: a sixth of a piece. */
  strideLengthS?: number | readonly [left: number, right: number]
}

/** Of models that write, all options of `generate()`, too. */
export interface AutomaticSpeechRecognitionOptions
  extends RecognitionOptions,
    Omit<GenerationOptions, 'temperature'>,
    Omit<SpeechOptions, keyof RecognitionOptions | 'returnSegments' | 'returnTokenTimestamps'> {}

export const OWN = [
  'returnTimestamps',
  'returnLanguage',
  'chunkLengthS',
  'strideLengthS',
] as const satisfies readonly (keyof RecognitionOptions)[]

/** In samples. */
export interface Chunking {
  readonly length: number
  readonly left: number
  readonly right: number
}

export interface Recognition {
  readonly timestamps: boolean | 'word' | 'char'
  readonly languages: boolean
  readonly chunking: Chunking | undefined
  /** How a model that writes is asked; nothing of one of CTC. */
  readonly call: Settled<RecognitionOptions & SpeechOptions> | undefined
  /** Options of `generate()` that only models of speech have. */
  readonly speech: SpeechOptions
}

/** What a model of CTC, and what of speech, says in its configuration. */
export interface SpeechConfig {
  readonly is_encoder_decoder?: boolean
  readonly conv_stride?: readonly number[]
  readonly max_source_positions?: number
}

export const isWriter = ({ config }: Pick<Context, 'config'>): boolean =>
  (config as SpeechConfig).is_encoder_decoder === true

/** Samples for each output of a model of CTC. */
export const samplesPerOutput = ({ config }: Pick<Context, 'config'>): number =>
  ((config as SpeechConfig).conv_stride ?? []).reduce((product, stride) => product * stride, 1)

/** How texts are written where neither the call nor the model says otherwise. */
const standard = { max_new_tokens: 256, num_beams: 5 }

/** @throws {OptionError} when an option does not go with the model or with the others */
export async function settleRecognition(
  { temperature, ...given }: AutomaticSpeechRecognitionOptions,
  context: Context,
): Promise<Recognition> {
  const writes = isWriter(context)
  const several = typeof temperature === 'object'
  const call = writes
    ? await settleGeneration<RecognitionOptions & SpeechOptions>(
        { ...given, ...(!several && temperature !== undefined && { temperature }) } as never,
        [...OWN, ...SPEECH_ONLY],
        standard,
        context,
      )
    : undefined
  const {
    returnTimestamps,
    returnLanguage = false,
    chunkLengthS,
    strideLengthS,
    ...speech
  } = call?.own ?? given
  const own = (call?.config.extra as { return_timestamps?: boolean } | undefined)?.return_timestamps
  const timestamps = returnTimestamps || (own ?? false)
  checkTimestamps(timestamps, writes)
  if (returnLanguage && !writes)
    throw new OptionError('Only Whisper tells languages. Leave out returnLanguage.')
  return {
    timestamps,
    languages: returnLanguage,
    chunking: chunkingOf({ chunkLengthS, strideLengthS }, context),
    call,
    speech: writes ? { ...(speech as SpeechOptions), ...(several && { temperature }) } : {},
  }
}

function checkTimestamps(timestamps: Recognition['timestamps'], writes: boolean): void {
  if (writes && timestamps === 'char')
    throw new OptionError("Whisper tells no times of characters. Ask for returnTimestamps: 'word' or true.")
  if (!writes && timestamps === true)
    throw new OptionError(
      "This model tells times of words and characters. Ask for returnTimestamps: 'word' or 'char'.",
    )
}

function chunkingOf(
  { chunkLengthS, strideLengthS = (chunkLengthS ?? 0) / 6 }: RecognitionOptions,
  context: Context,
): Chunking | undefined {
  if (!chunkLengthS) return undefined
  const { sampling_rate }: FeatureExtractorConfig = context.featureExtractor.config
  const align = samplesPerOutput(context)
  const aligned = (seconds: number) => Math.round((seconds * sampling_rate) / align) * align
  const [before, after] = typeof strideLengthS === 'number' ? [strideLengthS, strideLengthS] : strideLengthS
  const chunking = { length: aligned(chunkLengthS), left: aligned(before), right: aligned(after) }
  if (chunking.length > chunking.left + chunking.right) return chunking
  throw new OptionError(
    `Pieces of ${chunkLengthS} seconds that overlap by ${before} and ${after} are nothing but overlap. Make strideLengthS smaller.`,
  )
}
