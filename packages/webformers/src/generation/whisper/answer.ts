/** @file What `generate()` of a model of speech gives: all that was written of each sound, as long as the longest. */
import type { Tensor } from '../../tensor'
import type { GenerationConfig } from '../configuration'
import { type GenerateOutput, matrix } from '../outputs'
import type { SpeechOptions } from './options'
import type { Sound } from './sounds'

/** Like `_pad_to_max_length`, and what comes after it.
 * @param unique whether what the model gave at first is all that is wanted, as it is */
export function answerOf(
  sounds: readonly Sound[],
  { returnSegments = false, returnTokenTimestamps = false }: SpeechOptions,
  { pad_token_id, return_dict_in_generate }: GenerationConfig,
  unique: boolean,
): Tensor<'int32'> | GenerateOutput {
  const texts = sounds.map((sound) =>
    unique ? wholeOf(sound) : joined(sound.segments.map(({ tokens }) => tokens)),
  )
  const longest = Math.max(...texts.map(({ length }) => length))
  const sequences = matrix(
    texts.map((text) => {
      const row = new Int32Array(longest).fill(pad_token_id ?? 0)
      row.set(text)
      return row
    }),
  )
  const segments = returnSegments || Boolean(return_dict_in_generate)
  if (!segments && !returnTokenTimestamps) return sequences
  return {
    sequences,
    ...(returnTokenTimestamps && { token_timestamps: timesOf(sounds, longest, unique) }),
    ...(segments && { segments: sounds.map((sound) => sound.segments) }),
  }
}

function wholeOf({ first }: Sound): ArrayLike<number> {
  const result = first!.result
  return ('sequences' in result ? result.sequences : result).data as Int32Array
}

function joined(parts: readonly Int32Array[]): number[] {
  return parts.flatMap((part) => [...part])
}

/** Behind its end a text has the time of its last token. */
function timesOf(sounds: readonly Sound[], longest: number, unique: boolean): Tensor<'float32'> {
  const data = new Float32Array(sounds.length * longest)
  for (const [i, { first, times }] of sounds.entries()) {
    const own = unique ? [...first!.times!] : times.flatMap((part) => [...part])
    const row = data.subarray(i * longest, (i + 1) * longest).fill(own.at(-1) ?? 0)
    row.set(own.slice(0, longest))
  }
  return { dtype: 'float32', shape: [sounds.length, longest], data }
}
