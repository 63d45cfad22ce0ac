/** @file Positions that are no parameters: sines and cosines, one half of the channels each. */
import { concat, constant, rotaryTables, type Tensor } from '@webformers/graph'

/** The positions `first`, `first` + 1, … along a named dimension: [dim, 2 × frequencies]. In a text that is continued, those of the
 * places where it goes on.
 * @param frequencies radians that each pair of channels turns by from one position to the next */
export function sinusoids(dim: string, frequencies: readonly number[], first = 0): Tensor {
  const { cos, sin } = rotaryTables(dim, { frequencies, scale: 1 })
  if (first === 0) return concat([sin, cos], 1)
  const turn = (of: (angle: number) => number) =>
    constant(
      frequencies.map((frequency) => of(first * frequency)),
      [frequencies.length],
    )
  const [c, s] = [turn(Math.cos), turn(Math.sin)] // of a sum of two angles
  return concat([sin.mul(c).add(cos.mul(s)), cos.mul(c).sub(sin.mul(s))], 1)
}

interface CountedConfig {
  readonly d_model: number
  readonly pad_token_id: number
}

/** What is added to the words of `ids`: positions count the tokens that are not padding, from the one behind the padding's on;
 * padding has none. Texts may be of any length. */
export function countedSinusoids({ d_model, pad_token_id }: CountedConfig, ids: Tensor): Tensor {
  const half = d_model / 2
  const frequencies = Array.from({ length: half }, (_, i) => 10000 ** (-i / (half - 1)))
  const table = sinusoids(String(ids.shape[1]), frequencies, pad_token_id + 1)
  const counts = ids.equal(pad_token_id).not().cast('int32') // [batch, sequence]
  const rows = counts.cumsum(1).sub(1).mul(counts) // padding reads the first, and nothing of it
  return table.gather(rows).mul(counts.cast('float32').unsqueeze(2))
}
