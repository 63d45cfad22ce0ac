/**
 * @file Precompiled: SentencePiece's own rewriting rules, a double-array trie over UTF-8 that points into a blob of
 * replacements.
 */
import { TokenizerError } from '../errors'
import { Transformation } from '../text/aligned-string'
import { unitsAt } from '../text/characters'
import type { Normalizer } from './normalizer'

export interface PrecompiledConfig {
  type: 'Precompiled'
  /** Base64 of: the trie's size in bytes, the trie, the replacements, each ended by a zero. */
  precompiled_charsmap: string
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

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
const CLUSTER = new RegExp(`\\r\\n|${PREPEND}*${PICTURES}[^${CONTROL}]${EXTEND}*|[\\s\\S]`, 'gv')
const JOINING = new RegExp(`\\r\\n|${EXTEND}|${PREPEND}`, 'v')

/** A character and what it changes in the original, as `Transformation` takes it. */
type Change = [character: string, change: number]

export function precompiled({ precompiled_charsmap }: PrecompiledConfig): Normalizer {
  const lookup = readCharsmap(precompiled_charsmap)
  return (string) => {
    const { text } = string
    const changes: Change[] = []
    let modified = false
    const rewriteCharacter = (character: string) => {
      const replacement = lookup(character)
      if (replacement === undefined) changes.push([character, 0])
      else {
        modified = true
        replace(changes, character, replacement)
      }
    }
    const rewriteCluster = (cluster: string) => {
      const short = encoder.encode(cluster).length < LONG_CLUSTER
      const replacement = short ? lookup(cluster) : undefined
      if (replacement === undefined) for (const character of cluster) rewriteCharacter(character)
      else {
        modified = true
        replace(changes, cluster, replacement)
      }
    }
    if (JOINING.test(text)) {
      for (const [cluster] of text.matchAll(CLUSTER)) {
        if (cluster.length === unitsAt(cluster, 0)) rewriteCharacter(cluster)
        else rewriteCluster(cluster)
      }
    } else {
      for (const character of text) rewriteCharacter(character)
    }
    if (!modified) return string
    const result = new Transformation(string)
    for (const [character, change] of changes) result.push(character, change)
    return result.done()
  }
}

/** The library's bookkeeping: what goes missing is charged to the last character, even to one of an earlier replacement. */
function replace(changes: Change[], part: string, replacement: string): void {
  const before = [...part].length
  const characters = [...replacement]
  for (const character of characters) changes.push([character, 0])
  for (let i = 1; i <= characters.length - before; i++) changes.at(-i)![1] = 1
  const last = changes.at(-1)
  if (last !== undefined && characters.length < before) last[1] += characters.length - before
}

/** @throws {TokenizerError} when the map is not base64, or shorter than it says. */
function readCharsmap(base64: string): (part: string) => string | undefined {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  const size = bytes.length < 4 ? Number.POSITIVE_INFINITY : view.getUint32(0, true)
  if (size + 4 > bytes.length) {
    throw new TokenizerError(
      `Precompiled: the map has ${bytes.length} bytes, fewer than its trie is said to have.`,
    )
  }
  const trie = Uint32Array.from({ length: Math.floor(size / 4) }, (_, i) => view.getUint32(4 + 4 * i, true))
  const replacements = bytes.subarray(4 + size)
  const known = new Map<string, string | undefined>()

  return (part) => {
    if (known.has(part)) return known.get(part)
    const start = shortestPrefix(trie, encoder.encode(part))
    const end = start === undefined ? -1 : replacements.indexOf(0, start)
    const result =
      start === undefined
        ? undefined
        : decoder.decode(replacements.subarray(start, end === -1 ? undefined : end))
    known.set(part, result)
    return result
  }
}

/** The value at the shortest key that `key` begins with. */
function shortestPrefix(trie: Uint32Array, key: Uint8Array): number | undefined {
  let node = offsetOf(trie[0] ?? 0)
  for (const byte of key) {
    if (byte === 0) return undefined
    node ^= byte
    const unit = trie[node]
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined
    node ^= offsetOf(unit)
    if ((unit >>> 8) & 1) return trie[node]! & 0x7fffffff
  }
  return undefined
}

/** Where a unit's children are, relative to it. */
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6)
