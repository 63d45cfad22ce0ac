/** @file When each token was said, from where the decoder looked in the sound. Like `_extract_token_timestamps` in Python. */
import type { GenerationOutput } from '../output'
import type { Alignment } from './request'
import { type Matrix, medianFilter, warp } from './time-warping'

/**
 * Seconds at which each token of each sequence begins: 0 for those of the prompt; the last, for which no attention is known, begins
 * with the one before.
 * @param promptLength how many tokens each row began with
 */
export function tokenTimestamps(
  { sequences, steps = [], beam_indices }: GenerationOutput,
  alignment: Alignment,
  promptLength: number,
): Float32Array[] {
  const { num_frames, time_precision } = alignment
  const made = beam_indices ? Math.max(...beam_indices.map(longest)) : steps.length
  // The first step read the whole prompt and chose one token; what is chosen last is not read.
  const count = made - 1
  return sequences.map((_, row) => {
    const times = new Float32Array(promptLength + made)
    if (count <= 0) return times
    const frames = num_frames && Math.floor(num_frames[row]! / 2)
    const rowOf = (step: number) => Math.max(0, beam_indices ? beam_indices[row]![step]! : row)
    const matrix = meanOf(
      alignment.heads.map(([layer, head]) =>
        medianFilter(
          normalized(weightsOf(steps, { layer, head, count, frames, rowOf })),
          alignment.median_filter_width,
        ),
      ),
    )
    const begins = warp({ ...matrix, values: matrix.values.map((value) => -value) })
    times.set(
      Array.from(begins, (frame) => frame * time_precision),
      promptLength,
    )
    times[times.length - 1] = times[times.length - 2]!
    return times
  })
}

const longest = (rows: Int32Array) => rows.filter((row) => row !== -1).length

interface Looked {
  readonly layer: number
  readonly head: number
  readonly count: number
  readonly frames: number | undefined
  readonly rowOf: (step: number) => number
}

/** Where one head looked when it read each token that was made: [tokens, frames]. */
function weightsOf(
  steps: NonNullable<GenerationOutput['steps']>,
  { layer, head, count, frames, rowOf }: Looked,
): Matrix {
  const maps = steps.slice(1, count + 1).map((step) => step[`cross_attentions.${layer}`]!)
  const [, heads, , all] = maps[0]!.shape as [number, number, number, number]
  // A negative number is counted from the end, as Python has it of a sound that was read beyond its end.
  const columns = frames === undefined ? all : Math.max(0, Math.min(frames < 0 ? all + frames : frames, all))
  const values = new Float32Array(count * columns)
  for (const [token, { data }] of maps.entries()) {
    const from = (rowOf(token + 1) * heads + head) * all
    values.set((data as Float32Array).subarray(from, from + columns), token * columns)
  }
  return { rows: count, columns, values }
}

/** Each column less its mean, by its deviation. */
function normalized({ rows, columns, values }: Matrix): Matrix {
  const result = new Float32Array(values.length)
  for (let column = 0; column < columns; column++) {
    let [sum, squares] = [0, 0]
    for (let i = column; i < values.length; i += columns) sum += values[i]!
    const mean = Math.fround(sum / rows)
    for (let i = column; i < values.length; i += columns) squares += (values[i]! - mean) ** 2
    const deviation = Math.fround(Math.sqrt(squares / rows))
    for (let i = column; i < values.length; i += columns)
      result[i] = Math.fround(values[i]! - mean) / deviation
  }
  return { rows, columns, values: result }
}

function meanOf(matrices: readonly Matrix[]): Matrix {
  const [{ rows, columns }] = matrices as [Matrix]
  const values = new Float32Array(rows * columns)
  for (const matrix of matrices)
    for (let i = 0; i < values.length; i++) values[i] = values[i]! + matrix.values[i]!
  for (let i = 0; i < values.length; i++) values[i] = values[i]! / matrices.length
  return { rows, columns, values }
}
