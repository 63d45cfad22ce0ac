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
