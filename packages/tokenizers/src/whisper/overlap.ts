/** @file Transcripts of pieces of sound that overlap, made into one. */

/** When a token was spoken, in seconds. */
export type Times = readonly [start: number, end: number]

export interface Timed {
  readonly tokens: readonly number[]
  /** Of each token, where words are timed. */
  readonly times: readonly Times[] | undefined
}

const before = (a: Times, b: Times): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] <= b[1])

/** One sequence of several, each of which begins with what the one before ends with, more or less. Like
 * `_find_longest_common_sequence` in Python: of all ways to lay them over each other the one where most of the tokens are the same;
 * the first half of what they share is the earlier one's, the second half the later one's. */
export function joinOverlapping([first, ...others]: readonly [Timed, ...Timed[]]): Timed {
  const tokens: number[] = []
  const times: Times[] = []
  let left = first
  for (const right of others) {
    const [leftMiddle, rightMiddle] = seamOf(left, right)
    tokens.push(...left.tokens.slice(0, leftMiddle))
    times.push(...(left.times?.slice(0, leftMiddle) ?? []))
    left = { tokens: right.tokens.slice(rightMiddle), times: right.times?.slice(rightMiddle) }
  }
  return {
    tokens: [...tokens, ...left.tokens],
    times: first.times && [...times, ...(left.times ?? [])],
  }
}

/** Where the left one ends, and the right one begins. */
function seamOf(left: Timed, right: Timed): [left: number, right: number] {
  const [leftLength, rightLength] = [left.tokens.length, right.tokens.length]
  let best = 0
  let seam: [number, number] = [leftLength, 0]
  for (let shift = 1; shift < leftLength + rightLength; shift++) {
    const leftStart = Math.max(0, leftLength - shift)
    const leftStop = Math.min(leftLength, leftLength + rightLength - shift)
    const rightStart = Math.max(0, shift - leftLength)
    let matches = 0
    for (let i = 0; i < leftStop - leftStart; i++) {
      if (left.tokens[leftStart + i] !== right.tokens[rightStart + i]) continue
      const [a, b] = [left.times?.[leftStart + i], right.times?.[rightStart + i]]
      if (!a || !b || before(a, b)) matches++
    }
    // Of equal shares the longer match is the better one.
    const share = matches / shift + shift / 10000
    if (matches <= 1 || share <= best) continue
    best = share
    seam = [
      Math.floor((leftStart + leftStop) / 2),
      Math.floor((rightStart + Math.min(rightLength, shift)) / 2),
    ]
  }
  return seam
}
