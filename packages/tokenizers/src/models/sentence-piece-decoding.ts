/** @file From pieces back to text as SentencePiece and Python's slow tokenizers do it. */
import { SPACE } from '../normalizers/sentence-piece'
import { strip } from '../text/strip'
import { byteOf } from './byte-fallback'
import type { TokenKind } from './model'
import type { CompiledProcessor } from './sentence-piece-processor'
import { Vocabulary } from './vocabulary'

/** What a class does its own way. */
export interface Spelling {
  /** Whether a text may begin with the code of its target language, like `>>fra<<`. */
  languageCodes?: boolean
  /** Whether a space follows each special token, and no ▁ is left. */
  spaced?: boolean
}

const UNKNOWN = ' \u2047 '
const REPLACEMENT = '\ufffd'
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** Bytes as text, each that is of no character by itself. */
function textOf(bytes: readonly number[]): string {
  let result = ''
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at]!
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    try {
      result += decoder.decode(Uint8Array.from(bytes.slice(at, at + length)))
      at += length
    } catch {
      result += REPLACEMENT
      at++
    }
  }
  return result
}

/** The text of pieces. */
export function pieceJoiner({
  pieces,
  normalization,
  byteFallback,
  unkPiece,
  control,
}: CompiledProcessor): (tokens: readonly string[]) => string {
  const vocabulary = new Vocabulary(pieces.vocabulary)
  const isControl = new Set(control)
  const { addDummyPrefix, removeExtraWhitespaces } = normalization
  const spell = (piece: string, atStart: boolean): [text: string, opened: boolean] => {
    if (isControl.has(piece)) return ['', false]
    if (piece === unkPiece) return [UNKNOWN, false]
    if (vocabulary.idOf(piece) === undefined) return [piece, false]
    const opens = atStart && (addDummyPrefix || removeExtraWhitespaces) && piece.startsWith(SPACE)
    const text = (opens ? piece.slice(1) : piece).replaceAll(SPACE, ' ')
    return [text, opens && !removeExtraWhitespaces]
  }
  return (tokens) => {
    let result = ''
    let bytes: number[] = []
    let opened = false
    const flush = () => {
      result += textOf(bytes)
      bytes = []
    }
    for (const token of tokens) {
      const byte = byteFallback ? byteOf(token) : undefined
      if (byte !== undefined) {
        bytes.push(byte)
        continue
      }
      flush()
      const [text, opens] = spell(token, !opened && result === '')
      opened ||= opens
      result += text
    }
    flush()
    return result
  }
}

/** The text of tokens, added ones among them; `size` is how many the vocabulary has. */
export function speller(
  join: (tokens: readonly string[]) => string,
  { spaced }: Spelling,
  size: number,
): (tokens: readonly string[], kindOf: (token: string) => TokenKind | undefined) => string {
  const spellRun = (tokens: readonly { token: string; special: boolean }[]) => {
    let result = ''
    let run: string[] = []
    for (const { token, special } of tokens) {
      if (!special) {
        run.push(token)
        continue
      }
      result += join(run) + token + (spaced ? ' ' : '')
      run = []
    }
    result += join(run)
    return strip(spaced ? result.replaceAll(SPACE, ' ') : result)
  }
  return (tokens, kindOf) => {
    const texts: string[] = []
    let run: { token: string; special: boolean }[] = []
    for (const token of tokens) {
      const kind = kindOf(token)
      // An added token stands apart, unless it has a place in the vocabulary and is special.
      if (kind === undefined || (kind.special && kind.id < size)) {
        run.push({ token, special: kind?.special ?? false })
        continue
      }
      const text = spellRun(run)
      if (text !== '') texts.push(text)
      texts.push(token)
      run = []
    }
    if (run.length > 0) texts.push(spellRun(run))
    return texts.join(' ')
  }
}
