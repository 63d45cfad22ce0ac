/** @file Spectrograms that a model of speech reads, one segment after another. */
import { InputError, type PlainTensor } from '@webformers/runtime'
import { asTensor, type ModelInputs, type Value } from '../../inputs'

export interface Features {
  /** [batch, bins, frames] */
  readonly spectrograms: PlainTensor<'float32'>
  /** How many frames of each sound are no padding, where somebody says it. */
  readonly lengths: readonly number[] | undefined
}

const KNOWN = ['input_features', 'attention_mask']

/** @throws {InputError} when there are no spectrograms, or other inputs */
export function featuresOf(inputs: ModelInputs): Features {
  const given = inputs as Readonly<Record<string, Value | undefined>>
  const unknown = Object.keys(given).filter((name) => given[name] !== undefined && !KNOWN.includes(name))
  if (unknown.length > 0 || given.input_features === undefined)
    throw new InputError(
      `generate() of a model of speech reads ${KNOWN.join(', ')}; got ${unknown.join(', ') || 'no input_features'}. ` +
        'What the text begins with are the options promptIds, language and task.',
    )
  const { dtype, shape, data } = asTensor(given.input_features, {
    dtype: 'float32',
    shape: ['batch', 'bins', 'frames'],
  })
  if (dtype !== 'float32' || shape.length !== 3)
    throw new InputError(
      `Input input_features must be float32 [batch, bins, frames], got ${dtype} [${shape.join(', ')}].`,
    )
  const spectrograms = { dtype, shape, data: data as Float32Array<ArrayBuffer> }
  return {
    spectrograms,
    lengths: given.attention_mask === undefined ? undefined : lengthsOf(given.attention_mask, shape),
  }
}

function lengthsOf(value: Value, [batch = 0, , frames = 0]: readonly number[]): number[] {
  const { shape, data } = asTensor(value, { dtype: 'int32', shape: ['batch', 'frames'] })
  if (String(shape) !== String([batch, frames]))
    throw new InputError(
      `attention_mask is [${shape.join(', ')}], but input_features have [${batch}, ${frames}] frames.`,
    )
  return Array.from({ length: batch }, (_, row) => {
    let length = 0
    for (let i = row * frames; i < (row + 1) * frames; i++) length += Number(data[i])
    return length
  })
}

/** A part of some spectrograms, followed by zeros where there is less than a segment. */
export function segmentOf(
  { shape, data }: PlainTensor<'float32'>,
  parts: readonly { readonly row: number; readonly start: number; readonly frames: number }[],
  length: number,
): PlainTensor<'float32'> {
  const [, bins = 0, all = 0] = shape
  const values = new Float32Array(parts.length * bins * length)
  for (const [i, { row, start, frames }] of parts.entries()) {
    for (let bin = 0; bin < bins; bin++) {
      const from = (row * bins + bin) * all + start
      values.set(data.subarray(from, from + Math.min(frames, length, all - start)), (i * bins + bin) * length)
    }
  }
  return { dtype: 'float32', shape: [parts.length, bins, length], data: values }
}
