/** @file Classes of tokenizers that decode in a way of their own: Whisper's with times, Wav2Vec2's without repetitions. */
import type { CtcDecoded, CtcDecodeOptions } from '../ctc/decode'
import type { WhisperDecoded, WhisperDecodeOptions } from '../whisper/decode'
import type { DecodingSource } from './decoding-source'

/** Options of all of them. */
export interface OwnDecodeOptions extends WhisperDecodeOptions, CtcDecodeOptions {}

/** What they give besides a text. */
export type OwnDecoded = WhisperDecoded | CtcDecoded

export type OwnDecoding = (
  source: DecodingSource,
  ids: readonly number[],
  options: OwnDecodeOptions,
) => string | OwnDecoded

/** The class's own way, fetched where there is one. */
export async function decodingOf(tokenizerClass: string | undefined): Promise<OwnDecoding | undefined> {
  if (tokenizerClass === 'WhisperTokenizer') return (await import('../whisper/decode')).decodeWhisper
  if (tokenizerClass === 'Wav2Vec2CTCTokenizer') return (await import('../ctc/decode')).decodeCtc
  return undefined
}
