/** @file Ends where a text appears, though it may begin and end in the midst of tokens. */
import { InputError } from '../errors'

/** The text of each token as it stands in the midst of others, one after the other; token i ends at ends[i]. */
export interface TokenTexts {
  readonly text: string
  readonly ends: Int32Array
}

/** Pack the texts of tokens: one string and one array cross to a worker faster than many strings.
 * @param texts by id; an id that no token has stands for no text */
export function packTexts(texts: readonly (string | undefined)[]): TokenTexts {
  let end = 0
  const ends = Int32Array.from(texts, (text = '') => {
    end += text.length
    return end
  })
  return { text: texts.join(''), ends }
}

const textOf = ({ text, ends }: TokenTexts, token: number) =>
  text.slice(ends[token - 1] ?? 0, ends[token] ?? 0)

/** Whether one of the texts ends in the last token of a sequence. Like `StopStringCriteria`.
 * @throws {InputError} when no token of the vocabulary could end any of them */
export function stopStrings(stops: readonly string[], tokens: TokenTexts): (sequence: Int32Array) => boolean {
  if (!stops.some((stop) => endsInSomeToken(stop, tokens))) {
    throw new InputError(
      `stopStrings ${JSON.stringify(stops)} can't come out of this tokenizer: no token of its vocabulary ends one of them.`,
    )
  }
  const most = Math.max(...stops.map((stop) => [...stop].length))
  return (sequence) => {
    const texts = Array.from(sequence.subarray(-most), (token) => textOf(tokens, token))
    const text = texts.join('')
    const before = text.length - texts.at(-1)!.length
    return stops.some((stop) => {
      const at = text.lastIndexOf(stop)
      return at >= 0 && at + stop.length > before
    })
  }
}

/** Whether a token has, from its beginning or from where the stop string begins in it, what the stop string ends with. */
function endsInSomeToken(stop: string, tokens: TokenTexts): boolean {
  const { text, ends } = tokens
  const last = stop.at(-1)
  if (last === undefined) return false
  let token = 0
  for (let at = text.indexOf(last); at >= 0; at = text.indexOf(last, at + 1)) {
    while (ends[token]! <= at) token++
    const start = Math.max(ends[token - 1] ?? 0, at + 1 - stop.length)
    if (stop.endsWith(text.slice(start, at + 1))) return true
  }
  return false
}
