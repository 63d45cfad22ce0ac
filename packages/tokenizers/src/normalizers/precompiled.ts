/**
 * @file Precompiled: SentencePiece's own rewriting rules, a double-array trie over UTF-8 that points into a blob of
 * replacements.
 */
import { type AlignedString, Transformation } from '../text/aligned-string'
import { utf8Length } from '../text/bytes'
import { previous, remembered } from '../text/characters'
import { isPlain, REWRITTEN, rememberedRewrite } from '../text/rewrite'
import { Charsmap } from './charsmap'
import type { Normalizer } from './normalizer'

export interface PrecompiledConfig {
  type: 'Precompiled'
  /** Base64 of: the trie's size in bytes, the trie, the replacements, each ended by a zero. */
  precompiled_charsmap: string
}

const encoder = new TextEncoder()

/** A cluster of this many bytes or more is rewritten character by character. */
const LONG_CLUSTER = 6

/** What clings to the character before it, and what to the one after; sets for an expression with the `v` flag. */
const EXTEND =
  '[[\\p{Grapheme_Extend}\\p{Emoji_Modifier}\\p{Mc}\\u{200d}\\u{e33}\\u{eb3}]--[\\u{102b}\\u{102c}\\u{1038}\\u{1062}-\\u{1064}\\u{1067}-\\u{106d}\\u{1083}\\u{1087}-\\u{108c}\\u{108f}\\u{109a}-\\u{109c}\\u{1a61}\\u{1a63}\\u{1a64}\\u{aa7b}\\u{aa7d}\\u{11720}\\u{11721}]]'
const PREPEND =
  '[\\u{600}-\\u{605}\\u{6dd}\\u{70f}\\u{890}\\u{891}\\u{8e2}\\u{d4e}\\u{110bd}\\u{110cd}\\u{111c2}\\u{111c3}\\u{1193f}\\u{11941}\\u{11a3a}\\u{11a84}-\\u{11a89}\\u{11d46}\\u{11f02}]'
const CONTROL = `[[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]--[\\u{200c}\\u{200d}${PREPEND}]]`
const PICTURES = `(?:\\p{Extended_Pictographic}${EXTEND}*\\u{200d}(?=\\p{Extended_Pictographic}))*`

/**
 * Grapheme clusters, as far as short ones go: what else belongs together (Hangul, flags, conjuncts) is long and rewritten
 * character by character anyway. `Intl.Segmenter` knows them all, in quadratic time.
 */
const CLUSTER = new RegExp(`\\r\\n|${PREPEND}*${PICTURES}[^${CONTROL}]${EXTEND}*|[\\s\\S]`, 'yv')
const JOINING = new RegExp(`\\r\\n|${EXTEND}|${PREPEND}`, 'v')

export function precompiled({ precompiled_charsmap }: PrecompiledConfig): Normalizer {
  const lookup = readCharsmap(precompiled_charsmap)
  const rewrite = rememberedRewrite((character) => lookup(character) ?? character)
  return function* (string) {
    const { text } = string
    let pause = REWRITTEN
    const joins = JOINING.test(text)
    const result = new Rewriting(string)
    for (let i = 0, next: number; i < text.length; i = next) {
      if (i > pause) {
        pause += REWRITTEN
        yield
      }
      // Of characters that stay, the last before another may be joined by it.
      if (rewrite.keepsAscii) while (isPlain(text.charCodeAt(i)) && isPlain(text.charCodeAt(i + 1))) i++
      const codePoint = text.codePointAt(i)!
      next = i + (codePoint > 0xffff ? 2 : 1)
      if (joins && next < text.length && isJoined(codePoint, text.codePointAt(next)!)) {
        CLUSTER.lastIndex = i
        CLUSTER.test(text)
        const cluster = text.slice(i, CLUSTER.lastIndex)
        const replacement = utf8Length(cluster) < LONG_CLUSTER ? lookup(cluster) : undefined
        if (replacement !== undefined) {
          next = CLUSTER.lastIndex
          result.replace(i, cluster, replacement)
          continue
        }
        // The characters of a long cluster, or of one that stays, are looked at one by one.
        for (next = i; next < CLUSTER.lastIndex; ) {
          const part = text.codePointAt(next)!
          const written = rewrite(part)
          const units = part > 0xffff ? 2 : 1
          if (typeof written === 'string') result.replace(next, text.slice(next, next + units), written)
          next += units
        }
        continue
      }
      const written = rewrite(codePoint)
      if (typeof written === 'string') result.replace(i, text.slice(i, next), written)
    }
    return result.done()
  }
}

/** Whether a text is one character. */
const isOne = (text: string): boolean =>
  text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff)

/** Whether two neighbours may be of one cluster; asked of every two characters of a text with joining ones. */
const isJoined = (first: number, second: number): boolean =>
  kindOf(second) === EXTENDS || kindOf(first) === PREPENDS || (first === 13 && second === 10)

const PLAIN = 0
const EXTENDS = 1
const PREPENDS = 2
const extends_ = new RegExp(`^${EXTEND}$`, 'v')
const prepends = new RegExp(`^${PREPEND}$`, 'v')
const kindOf = remembered((codePoint) => {
  const character = String.fromCodePoint(codePoint)
  if (extends_.test(character)) return EXTENDS
  return prepends.test(character) ? PREPENDS : PLAIN
})

/**
 * A text with parts of it replaced, aligned by the library's bookkeeping: what goes missing is charged to the last
 * character, even to one of an earlier replacement, and to nobody where there is none before it.
 */
class Rewriting {
  private result: Transformation | undefined
  /** How far the source is read. */
  private read = 0
  /** The last character and what it changes; it waits for what may yet go missing. */
  private last: { character: string; change: number } | undefined
  /** Whether a part went missing at the very beginning: from then on characters stand in each other's places. */
  private shifted = false

  /** As long as every character keeps its length, all stay in their places. */
  private same = ''

  constructor(private source: AlignedString) {}

  replace(at: number, part: string, replacement: string): void {
    if (
      this.result === undefined &&
      part.length === replacement.length &&
      isOne(part) &&
      isOne(replacement)
    ) {
      this.same += this.source.text.slice(this.read, at) + replacement
      this.read = at + part.length
      return
    }
    if (this.result === undefined) {
      this.source = this.written()
      this.read = 0
      this.result = new Transformation(this.source)
    }
    this.keep(at)
    const before = [...part].length
    const characters = [...replacement]
    const more = characters.length - before
    characters.forEach((character, i) => {
      this.push(character, i >= characters.length - Math.max(more, 0) ? 1 : 0)
    })
    if (more < 0) {
      if (this.last === undefined) this.shifted = true
      else this.last.change += more
    }
    this.read = at + part.length
  }

  done(): AlignedString {
    if (this.result === undefined) return this.written()
    this.keep(this.source.text.length)
    this.flush()
    return this.result.done()
  }

  private written(): AlignedString {
    return this.source.with(this.same + this.source.text.slice(this.read))
  }

  /** Everything up to `end` stays. */
  private keep(end: number): void {
    const { text } = this.source
    if (end <= this.read) return
    if (this.shifted) {
      for (const character of text.slice(this.read, end)) this.push(character, 0)
    } else {
      this.flush()
      const start = previous(text, end)
      this.result!.copy(start)
      this.last = { character: text.slice(start, end), change: 0 }
    }
    this.read = end
  }

  private push(character: string, change: number): void {
    this.flush()
    this.last = { character, change }
  }

  private flush(): void {
    if (this.last !== undefined) this.result!.push(this.last.character, this.last.change)
    this.last = undefined
  }
}

/** @throws {TokenizerError} when the map is not base64, or shorter than it says. */
function readCharsmap(base64: string): (part: string) => string | undefined {
  const charsmap = new Charsmap(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
  const known = new Map<string, string | undefined>()
  return (part) => {
    if (known.has(part)) return known.get(part)
    const result = charsmap.shortestPrefix(encoder.encode(part))
    known.set(part, result)
    return result
  }
}
