/** @file Medians of rounds, with their spread, and speeds from times. */

/** What several rounds gave. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

/**
 * The middle value of a list, with the lowest and the highest.
 * @example spread([3, 1, 2, 10]) // { median: 2.5, low: 1, high: 10 }
 * @throws {RangeError} when nothing was measured
 */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[0], sorted.at(-1)]
  if (low === undefined || high === undefined)
    throw new RangeError(
      'No round could be measured: other work on this device disturbed them all. Run it again.',
    )
  const middle = sorted.length >> 1
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, low, high }
}

/** Milliseconds of one token, and of one and `count` more, after the same number of others. */
export interface Timed {
  readonly first: number
  readonly all: number
}

/**
 * Tokens a second of those that follow the first, round by round; a round that was disturbed, so that its first took longer than all,
 * is left out.
 * @example speeds([{ first: 20, all: 340 }, { first: 400, all: 350 }], 32) // [100]
 */
export const speeds = (rounds: readonly Timed[], count: number): number[] =>
  rounds.filter(({ first, all }) => all > first).map(({ first, all }) => (1000 * count) / (all - first))
