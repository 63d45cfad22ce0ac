/** @file What is said, as it is found: token by token of a model that writes, piece by piece of one of CTC, and of a microphone while
 * somebody speaks. */
import { type AudioInput, loadAudio, microphoneChunks } from '@webformers/processors'
import { OptionError } from '../../errors'
import type { Context } from '../task'
import { hear, spell } from './ctc'
import { isWriter, type Recognition } from './options'
import { type Piece, piecesOf } from './pieces'
import { spectrogramsOf } from './write'

/** How much of a microphone is read at once, where no option says it. In seconds. */
const LIVE = 5

/** @throws {OptionError} when the call asks for beams */
export async function* streamSpeech(
  input: AudioInput,
  recognition: Recognition,
  context: Context,
): AsyncGenerator<string, void> {
  if (!isWriter(context)) {
    for await (const piece of piecesIn(input, recognition, context)) {
      const [tokens] = await hear([piece], context)
      const { text } = spell(tokens!, false, context)
      if (text) yield `${text} `
    }
    return
  }
  for await (const piece of piecesIn(input, recognition, context)) yield* written(piece, recognition, context)
}

/** Pieces do not overlap here: what was said cannot be taken back. */
async function* piecesIn(
  input: AudioInput,
  { chunking }: Recognition,
  { featureExtractor, signal }: Context,
): AsyncGenerator<Piece> {
  const samplingRate = featureExtractor.config.sampling_rate
  if (typeof input === 'object' && 'getAudioTracks' in input) {
    const chunkLengthS = chunking ? chunking.length / samplingRate : LIVE
    for await (const samples of microphoneChunks(input, { samplingRate, chunkLengthS, signal }))
      yield { samples }
    return
  }
  const sound = await loadAudio(input, { samplingRate, signal })
  yield* piecesOf(sound, chunking && { length: chunking.length, left: 0, right: 0 })
}

async function* written(
  piece: Piece,
  { call, speech }: Recognition,
  context: Context,
): AsyncGenerator<string, void> {
  const { model, tokenizer, signal } = context
  if ((call!.values.num_beams ?? 1) > 1)
    throw new OptionError('With beams, which text wins is known at the end. Leave numBeams out of a stream.')
  const text = tokenizer.decodeStream({ skipSpecialTokens: true })
  const times = tokenizer.convertTokensToIds('<|notimestamps|>') ?? Number.POSITIVE_INFINITY
  const inputs = await spectrogramsOf([piece], context)
  const options = { ...call!.options, ...speech, numBeams: 1, signal }
  for await (const tokens of model.stream(inputs, options)) {
    for (const token of tokens) {
      const said = token <= times ? text.step(token) : undefined
      if (said) yield said
    }
  }
  const rest = text.flush()
  if (rest) yield rest
}
