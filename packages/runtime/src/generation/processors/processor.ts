/** @file What changes scores before a token is chosen. */
import { rowsOf } from '../numeric'

/** Changes the scores of what comes next in place: [rows × vocabulary], a row for each sequence so far. */
export interface LogitsProcessor {
  process(rows: readonly Int32Array[], scores: Float32Array): void | Promise<void>
  /** Row i is from now on what was row rows[i]; who remembers nothing of rows needs none. */
  reorder?(rows: readonly number[]): Promise<void>
  /** Of one that does nothing but forbid tokens whatever their scores are: those of the token that comes after so many. */
  forbidden?(length: number): readonly number[]
}

/** A processor that treats each row by itself. */
export const perRow = (
  process: (scores: Float32Array, sequence: Int32Array, row: number) => void,
): LogitsProcessor => ({
  process(rows, scores) {
    for (const [row, values] of rowsOf(scores, rows.length).entries()) process(values, rows[row]!, row)
  },
})

/** What no score can have: the token is not chosen. */
export const NEVER = Number.NEGATIVE_INFINITY

export function forbid(scores: Float32Array, tokens: Iterable<number>) {
  for (const token of tokens) if (token < scores.length) scores[token] = NEVER
}
