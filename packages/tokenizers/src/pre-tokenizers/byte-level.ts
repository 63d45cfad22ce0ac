/** @file GPT-2's words: cut by its one expression, then every byte of UTF-8 written as one visible character. */
import { prepended } from '../normalizers/prepend'
import { type AlignedString, Transformation } from '../text/aligned-string'
import { encodeBytes } from '../text/bytes'
import { unitsAt } from '../text/characters'
import { gpt2 } from './scanners'
import type { Spelling, Stage } from './stage'

export interface ByteLevelConfig {
  type: 'ByteLevel'
  add_prefix_space: boolean
  /** Whether the post-processor leaves the space out of a word's offsets. */
  trim_offsets: boolean
  /** Left out: true. */
  use_regex?: boolean
}

export function byteLevel({ add_prefix_space, use_regex = true }: ByteLevelConfig): Stage[] {
  const stages: Stage[] = []
  if (add_prefix_space) {
    stages.push({ rewrite: (piece) => (piece.text.startsWith(' ') ? piece : prepended(piece, ' ')) })
  }
  if (use_regex) stages.push({ cut: gpt2 })
  return [...stages, { spelling }]
}

const spelling: Spelling = { bytes: true, prefixes: () => false, spell: toBytes }

/** `string` with each byte of its UTF-8 as a character of the byte-level alphabet. */
export function toBytes(string: AlignedString): AlignedString {
  const { text } = string
  if (/^[\0-\x7f]*$/.test(text)) return string.with(encodeBytes(text))
  const result = new Transformation(string)
  for (let i = 0; i < text.length; ) {
    const units = unitsAt(text, i)
    const bytes = encodeBytes(text.slice(i, i + units))
    for (let byte = 0; byte < bytes.length; byte++) result.push(bytes[byte]!, byte > 0 ? 1 : 0)
    i += units
  }
  return result.done()
}
