/** @file Which of two texts gives way, and by how much, when both do not fit. */
import type { Encoding, Side } from './encoding'
import { TokenizerError } from './errors'

export interface Truncation {
  maxLength: number
  strategy: 'longestFirst' | 'onlyFirst' | 'onlySecond'
  stride: number
  side: Side
}

/** @throws {TokenizerError} when the text that should give way is missing or too short. */
export function truncate(first: Encoding, second: Encoding | undefined, options: Truncation): void {
  const { maxLength, strategy, stride, side } = options
  const excess = first.length + (second?.length ?? 0) - maxLength
  if (maxLength > 0 && excess <= 0) return
  if (maxLength === 0 || (strategy === 'longestFirst' && second === undefined)) {
    first.truncate(maxLength, stride, side)
    second?.truncate(maxLength, stride, side)
  } else if (strategy === 'longestFirst') {
    const [n1, n2] = shares(first.length, second!.length, maxLength)
    first.truncate(n1, stride, side)
    second!.truncate(n2, stride, side)
  } else {
    const target = strategy === 'onlyFirst' ? first : second
    if (target === undefined)
      throw new TokenizerError('truncation "onlySecond" needs a second text, but there is none.')
    if (target.length <= excess) {
      throw new TokenizerError(
        `truncation "${strategy}" has to remove ${excess} tokens to reach maxLength, but that text has ${target.length}.`,
      )
    }
    target.truncate(target.length - excess, stride, side)
  }
}

/** The shorter text stays whole if it fits in its half. */
function shares(first: number, second: number, maxLength: number): [number, number] {
  let shorter = Math.min(first, second)
  let longer = shorter > maxLength ? shorter : Math.max(shorter, maxLength - shorter)
  if (shorter + longer > maxLength) {
    shorter = Math.floor(maxLength / 2)
    longer = shorter + (maxLength % 2)
  }
  return first > second ? [longer, shorter] : [shorter, longer]
}
