/** @file Where a long word can be cut before it is merged: between characters that no merged token has side by side. */
import type { Steps } from '@webformers/hub'
import { unitsAt } from '../text/characters'

/** Neighbouring characters, by a bit each; a bit that two pairs share costs a cut and no correctness. */
export type Seams = Uint32Array<ArrayBuffer>

const STEP = 16_384

/** @param tokens what merges make; of nothing else can a token be that lies on both sides of a cut. */
export function* compileSeams(tokens: Iterable<string>, count: number): Steps<Seams> {
  let words = 256
  while (words < count / 4 && words < 65_536) words *= 2
  const seams = new Uint32Array(words)
  let read = 0
  for (const token of tokens) {
    let before = -1
    for (let i = 0; i < token.length; i += unitsAt(token, i)) {
      const character = token.codePointAt(i)!
      if (before !== -1) {
        const bit = bitOf(before, character, words)
        seams[bit >>> 5]! |= 1 << (bit & 31)
      }
      before = character
    }
    if (++read % STEP === 0) yield
  }
  return seams
}

/** Push the bounds of the parts of `word`. */
export function cutAtSeams(word: string, seams: Seams, out: number[]): void {
  const words = seams.length
  let start = 0
  let before = word.codePointAt(0)!
  for (let i = before > 0xffff ? 2 : 1; i < word.length; ) {
    const character = word.codePointAt(i)!
    const bit = bitOf(before, character, words)
    if ((seams[bit >>> 5]! & (1 << (bit & 31))) === 0) {
      out.push(start, i)
      start = i
    }
    before = character
    i += character > 0xffff ? 2 : 1
  }
  out.push(start, word.length)
}

function bitOf(left: number, right: number, words: number): number {
  let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) & (words * 32 - 1)
}
