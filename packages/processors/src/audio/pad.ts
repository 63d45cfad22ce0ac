/** @file Sounds of a batch brought to one length. Like `SequenceFeatureExtractor.pad` in Python. */
import { AudioError } from './errors'

export interface PadOptions {
  /** `true` and `'longest'`: to the longest of the batch; `'maxLength'`: to `maxLength`; `false` and `'doNotPad'`: not at all. */
  padding?: boolean | 'longest' | 'maxLength' | 'doNotPad'
  /** In samples. */
  maxLength?: number
  /** Cut what is longer than `maxLength`. */
  truncation?: boolean
  padToMultipleOf?: number
  /** Give an `attention_mask`, 0 where there is padding. Default: as the configuration says. */
  returnAttentionMask?: boolean
}

export interface PadSettings {
  readonly padding_side: string
  readonly padding_value: number
}

/** A row, and where in it the sound lies. */
export interface PaddedSound {
  readonly samples: Float32Array
  readonly start: number
  readonly length: number
}

export const pads = (padding: PadOptions['padding']): boolean =>
  padding === true || padding === 'longest' || padding === 'maxLength'

/** @throws {AudioError} when a length is needed that is not given */
export function pad(
  sounds: readonly Float32Array[],
  { padding = false, maxLength, truncation = false, padToMultipleOf }: PadOptions,
  { padding_side, padding_value }: PadSettings,
): PaddedSound[] {
  if (maxLength === undefined && (truncation || padding === 'maxLength')) {
    throw new AudioError(
      `${truncation ? 'truncation' : "padding: 'maxLength'"} needs maxLength, the number of samples.`,
    )
  }
  const rounded = (length: number) =>
    padToMultipleOf ? Math.ceil(length / padToMultipleOf) * padToMultipleOf : length
  const cut = sounds.map((sound) => (truncation ? sound.subarray(0, rounded(maxLength!)) : sound))
  const longest = Math.max(...cut.map(({ length }) => length))
  const goal = pads(padding) ? rounded(padding === 'maxLength' ? maxLength! : longest) : 0
  return cut.map((sound) => {
    const { length } = sound
    if (length >= goal) return { samples: sound, start: 0, length }
    const samples = new Float32Array(goal)
    const start = padding_side === 'left' ? goal - length : 0
    if (padding_value !== 0) samples.fill(padding_value)
    samples.set(sound, start)
    return { samples, start, length }
  })
}

/** 1 where a row holds sound. */
export const maskOf = ({ samples, start, length }: PaddedSound): Int32Array =>
  new Int32Array(samples.length).fill(1, start, start + length)
