/** @file Nmt: control characters out, unusual white space to spaces, as SentencePiece does for translation. */
import type { Steps } from '@webformers/hub'
import type { AlignedString } from '../text/aligned-string'
import { without } from '../text/rewrite'

const isDropped = (codePoint: number) =>
  (codePoint >= 0x1 && codePoint <= 0x8) ||
  codePoint === 0xb ||
  (codePoint >= 0xe && codePoint <= 0x1f) ||
  codePoint === 0x7f ||
  codePoint === 0x8f ||
  codePoint === 0x9f

const SPACES = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g

export function* nmt(string: AlignedString): Steps<AlignedString> {
  const result = yield* without(string, isDropped)
  return result.with(result.text.replace(SPACES, ' '))
}
