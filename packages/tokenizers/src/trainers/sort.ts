/** @file Sorting in steps: a million pieces take longer than a page can wait. */
import type { Steps } from '@webformers/hub'

const BLOCK = 2048
const STEP = 4096

/** The whole numbers below `length`. */
export function below(length: number): Int32Array {
  const result = new Int32Array(length)
  for (let i = 0; i < length; i++) result[i] = i
  return result
}

/** `values` in a stable order, by merging sorted blocks. */
export function* sorted(values: Int32Array, compare: (a: number, b: number) => number): Steps<Int32Array> {
  let from = values.slice()
  for (let start = 0; start < from.length; start += BLOCK) {
    from.subarray(start, start + BLOCK).sort(compare)
    yield
  }
  let to = new Int32Array(from.length)
  for (let width = BLOCK; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length)
      const end = Math.min(start + 2 * width, from.length)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        const takesLeft = left < middle && (right === end || compare(from[left]!, from[right]!) <= 0)
        to[at] = from[takesLeft ? left++ : right++]!
        if (at % STEP === 0) yield
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}
