/** @file `automatic-speech-recognition`: what is said in sounds, by models of CTC and by models that write, such as Whisper. */
import { type AudioInput, loadAudio } from '@webformers/processors'
import { type AsrOutput, decodeAsr, type Transcript } from '@webformers/tokenizers'
import { withoutLoading } from './generation-options'
import { isOneSound } from './sounds'
import { hear, spell } from './speech/ctc'
import {
  type AutomaticSpeechRecognitionOptions,
  isWriter,
  type Recognition,
  settleRecognition,
} from './speech/options'
import { type Piece, piecesOf } from './speech/pieces'
import { streamSpeech } from './speech/stream'
import { timePrecision, write } from './speech/write'
import { type Context, defineTask } from './task'

export type { AutomaticSpeechRecognitionOptions }

type Timed<O> = O extends { returnTimestamps: infer T }
  ? T extends false | undefined
    ? false
    : true
  : O extends { returnLanguage: true }
    ? true
    : false

/** The text of a sound, with the times of its parts where they are asked for. */
export interface AutomaticSpeechRecognition<O> {
  input: AudioInput
  options: AutomaticSpeechRecognitionOptions
  one: Timed<O> extends true ? Required<Transcript> : { text: string }
  many: (Timed<O> extends true ? Required<Transcript> : { text: string })[]
}

/** What was heard in a piece: tokens of every bit of sound, or what was written about it. */
type Heard = readonly number[] | AsrOutput

export const automaticSpeechRecognition = defineTask({
  head: ['ForCTC', 'ForConditionalGeneration'],
  outputs: ['logits'],
  preprocessing: ['tokenizer', 'featureExtractor'],
  standard: { source: 'facebook/wav2vec2-base-960h', revision: '22aad52' },
  isOne: isOneSound,
  among: withoutLoading,
  settle: (options: AutomaticSpeechRecognitionOptions, context) => settleRecognition(options, context),
  async prepare(input: AudioInput, { chunking }, { featureExtractor, signal }): Promise<readonly Piece[]> {
    const samplingRate = featureExtractor.config.sampling_rate
    return piecesOf(await loadAudio(input, { samplingRate, signal }), chunking)
  },
  run: (pieces: readonly Piece[], recognition: Recognition, context): Promise<readonly Heard[]> =>
    isWriter(context) ? writeAll(pieces, recognition, context) : hear(pieces, context),
  answer(heard: readonly Heard[], { timestamps, languages }, context): Transcript {
    if (!isWriter(context)) return spell((heard as readonly number[][]).flat(), timestamps, context)
    return decodeAsr(context.tokenizer, heard as readonly AsrOutput[], {
      returnTimestamps: timestamps as boolean | 'word',
      returnLanguage: languages,
      timePrecision: timePrecision(context),
    })
  },
  stream: streamSpeech,
})

/** Sound in one piece may be longer than others, and is written down by itself. */
async function writeAll(
  pieces: readonly Piece[],
  recognition: Recognition,
  context: Context,
): Promise<AsrOutput[]> {
  if (pieces.every(({ stride }) => stride)) return write(pieces, recognition, context)
  const outputs: AsrOutput[] = []
  for (const piece of pieces) outputs.push(...(await write([piece], recognition, context)))
  return outputs
}
