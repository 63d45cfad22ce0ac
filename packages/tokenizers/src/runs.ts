/** @file Columns in which one value follows another for long: rows alike, one after the other, are one run. */

/** What rows of one kind have in common. */
export interface Kind {
  /** Which of two texts the model takes the token for. */
  typeId: number
  specialToken: 0 | 1
  attention: 0 | 1
}

export interface Run extends Kind {
  length: number
}

/** The runs of rows [from, to). */
export function sliceRuns(runs: readonly Run[], from: number, to: number): Run[] {
  const result: Run[] = []
  let start = 0
  for (const run of runs) {
    const length = Math.min(start + run.length, to) - Math.max(start, from)
    if (length > 0) result.push({ ...run, length })
    start += run.length
  }
  return result
}

/** One value a row. */
export function spread(runs: readonly Run[], field: keyof Kind): number[] {
  const column = new Array<number>(runs.reduce((sum, { length }) => sum + length, 0))
  let start = 0
  for (const run of runs) {
    column.fill(run[field], start, start + run.length)
    start += run.length
  }
  return column
}
