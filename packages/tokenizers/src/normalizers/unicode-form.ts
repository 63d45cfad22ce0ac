/**
 * @file Unicode normalization with alignment. The browser writes the text; where each of its characters came from
 * follows from taking its parts, in order, out of the decomposed original.
 */
import type { Steps } from '@webformers/hub'
import { Transformation } from '../text/aligned-string'
import { UNKNOWN_TO_NORMALIZATION, unitsAt } from '../text/characters'
import { REWRITTEN } from '../text/rewrite'
import type { Normalizer } from './normalizer'

type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD'

const UNKNOWN = new RegExp(UNKNOWN_TO_NORMALIZATION, 'gv')

export const unicodeForm = (form: Form): Normalizer =>
  function* (string) {
    const { text } = string
    if (text.normalize(form) === text) return string
    const result = new Transformation(string)
    let start = 0
    // A character that the library does not know stands between its neighbours like any letter.
    for (const { 0: character, index } of text.matchAll(UNKNOWN)) {
      yield* normalizeInto(result, text.slice(start, index), form)
      result.push(character, 0)
      start = index + character.length
    }
    yield* normalizeInto(result, text.slice(start), form)
    return result.done()
  }

/** One character in its canonical parts. */
export const decomposed = (character: string): string =>
  character.search(UNKNOWN) === -1 ? character.normalize('NFD') : character

/** Whether normalization may bring a character before another: it has a combining class. */
export const isReordered = (character: string): boolean =>
  character.search(UNKNOWN) === -1 &&
  [`\u0345${character}`, `${character}\u0334`].some(
    (pair) => pair.normalize('NFD') !== Array.from(pair, (part) => part.normalize('NFD')).join(''),
  )

/** Push `text` in its normal form; each character's change is the sum over the parts it is composed of. */
function* normalizeInto(result: Transformation, text: string, form: Form): Steps<void> {
  const normalized = text.normalize(form)
  const decomposition = form.startsWith('NFK') ? 'NFKD' : 'NFD'
  const composed = form === 'NFC' || form === 'NFKC'
  /** Parts read and not yet used, by character: canonical ordering lets a later one come out first. */
  const waiting = new Map<string, number[]>()
  let read = 0
  let pause = REWRITTEN

  const take = (part: string): number => {
    for (;;) {
      const changes = waiting.get(part)
      if (changes !== undefined) {
        if (changes.length === 1) waiting.delete(part)
        return changes.shift()!
      }
      const source = String.fromCodePoint(text.codePointAt(read)!)
      read += source.length
      let change = 0
      for (const piece of source.normalize(decomposition)) {
        const queue = waiting.get(piece)
        if (queue === undefined) waiting.set(piece, [change])
        else queue.push(change)
        change = 1
      }
    }
  }

  for (let i = 0; i < normalized.length; i += unitsAt(normalized, i)) {
    const character = String.fromCodePoint(normalized.codePointAt(i)!)
    if (i > pause) {
      pause += REWRITTEN
      yield
    }
    if (waiting.size === 0 && text.startsWith(character, read)) {
      read += character.length
      result.push(character, 0)
      continue
    }
    let change = 1
    if (composed) for (const part of character.normalize('NFD')) change += take(part) - 1
    else change = take(character)
    result.push(character, change)
  }
}
