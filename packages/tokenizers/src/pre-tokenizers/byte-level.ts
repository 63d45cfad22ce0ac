/** @file GPT-2's words: cut by its one expression, then every byte of UTF-8 written as one visible character. */
import { prepended } from '../normalizers/prepend'
import { type AlignedString, Transformation } from '../text/aligned-string'
import { encodeBytes, isVisible } from '../text/bytes'
import { isLetter, isNumber, isWhitespace, remembered, unitsAt } from '../text/characters'
import { Split, splitEach, whole } from '../text/split'
import type { PreTokenizer } from './pre-tokenizer'

export interface ByteLevelConfig {
  type: 'ByteLevel'
  add_prefix_space: boolean
  /** Whether the post-processor leaves the space out of a word's offsets. */
  trim_offsets: boolean
  /** Left out: true. */
  use_regex?: boolean
}

export const byteLevel =
  ({ add_prefix_space, use_regex = true }: ByteLevelConfig): PreTokenizer =>
  (splits) =>
    toBytes(
      splitEach(splits, (split, add) => {
        const { string, start, end } = split
        const spaced =
          add_prefix_space && string.text[start] !== ' '
            ? whole(prepended(split.aligned, ' '))
            : new Split(string, start, end)
        if (use_regex) cutWords(spaced, add)
        else add(spaced)
      }),
    )

const CONTRACTION = /'(?:[stmd]|re|ve|ll)/y

/** What `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` finds, read by hand: several times faster. */
function cutWords({ string, start, end }: Split, add: (split: Split) => void): void {
  const { text } = string
  for (let i = start, next: number; i < end; i = next) {
    next = contraction(text, i, end)
    if (next === i) {
      const first = text[i] === ' ' && i + 1 < end ? i + 1 : i
      const kind = kindOf(text, first)
      if (kind === SPACE) {
        next = run(text, i, end, SPACE)
        // The last space belongs to the word that follows; alone, it has no one to leave it to.
        if (next < end && next - i > 1) next--
      } else {
        next = run(text, first, end, kind)
      }
    }
    add(new Split(string, i, next))
  }
}

function contraction(text: string, start: number, end: number): number {
  if (text[start] !== "'") return start
  CONTRACTION.lastIndex = start
  const length = CONTRACTION.exec(text)?.[0].length ?? 0
  return start + length <= end ? start + length : start
}

const SPACE = 0
const LETTER = 1
const NUMBER = 2
const OTHER = 3

const classOf = remembered((codePoint) => {
  if (isLetter(codePoint)) return LETTER
  if (isWhitespace(codePoint)) return SPACE
  return isNumber(codePoint) ? NUMBER : OTHER
})

const kindOf = (text: string, index: number): number => classOf(text.codePointAt(index)!)

function run(text: string, start: number, end: number, kind: number): number {
  let i = start
  while (i < end && kindOf(text, i) === kind) i += unitsAt(text, i)
  return i
}

/** Rewrite the pieces' texts in bytes; pieces of one text share the rewritten one. */
function toBytes(splits: readonly Split[]): Split[] {
  let source: AlignedString | undefined
  let encoded: AlignedString | undefined
  /** Where each unit of the source begins in the encoded text. */
  let places: number[] | undefined
  return splits.map((split) => {
    if (split.id !== undefined) return split
    if (split.string !== source) {
      source = split.string
      ;({ encoded, places } = encodeAligned(source))
    }
    const place = (index: number) => places?.[index] ?? index
    return new Split(encoded!, place(split.start), place(split.end))
  })
}

function encodeAligned(string: AlignedString): { encoded: AlignedString; places?: number[] } {
  const { text } = string
  if (isAscii(text)) return { encoded: string.with(text.replace(/[^!-~]/g, encodeBytes)) }
  const places: number[] = []
  const result = new Transformation(string)
  let length = 0
  for (let i = 0; i < text.length; ) {
    const units = unitsAt(text, i)
    for (let unit = 0; unit < units; unit++) places.push(length)
    const character = text.slice(i, i + units)
    const bytes = isVisible(character) ? character : encodeBytes(character)
    for (let byte = 0; byte < bytes.length; byte++) result.push(bytes[byte]!, byte > 0 ? 1 : 0)
    length += bytes.length
    i += units
  }
  places.push(length)
  return { encoded: result.done(), places }
}

const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text)
