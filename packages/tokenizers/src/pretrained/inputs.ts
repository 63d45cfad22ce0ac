/** @file What a call was given: one text or many, each with its pair. */
import { TokenizerError } from '../errors'
import type { Sequence } from '../tokenizer'
import type { CallOptions, TextInput } from './options'

/** A text and, of a pair, the second. */
export interface Input {
  first: Sequence
  second: Sequence | undefined
}

export const isText = (value: unknown): value is TextInput =>
  typeof value === 'string' || Array.isArray(value)

/** A call's texts one by one, each with its pair, and whether it was a single one. */
export function inputsOf(
  text: TextInput,
  { textPair, isSplitIntoWords = false }: CallOptions,
): { inputs: Input[]; single: boolean } {
  for (const given of [text, textPair]) {
    if (given === undefined || isText(given)) continue
    const kind = given === null ? 'null' : typeof given
    throw new TokenizerError(`A text must be a string, or a list of texts or words, but it is ${kind}.`)
  }
  const single = isSplitIntoWords ? !Array.isArray(text[0]) : typeof text === 'string'
  if (single) {
    // As in Python, an empty second text is none.
    const second = textPair !== undefined && textPair.length > 0 ? (textPair as Input['second']) : undefined
    return { inputs: [checked({ first: text as Input['first'], second }, isSplitIntoWords)], single }
  }
  if (textPair !== undefined && (typeof textPair === 'string' || textPair.length !== text.length)) {
    const count = typeof textPair === 'string' ? 'one string' : `${textPair.length} texts`
    throw new TokenizerError(
      `The batch has ${text.length} texts, but textPair is ${count}: it needs one for each.`,
    )
  }
  const inputs = Array.from(text as readonly Input['first'][], (first, i): Input => {
    const isPair = textPair === undefined && !isSplitIntoWords && Array.isArray(first) && first.length === 2
    const input = isPair ? { first: first[0]!, second: first[1] } : { first, second: textPair?.[i] }
    return checked(input as Input, isSplitIntoWords, i)
  })
  return { inputs, single }
}

/** @throws {TokenizerError} when a text is no string, or with words no list of strings. */
function checked(input: Input, isSplitIntoWords: boolean, place?: number): Input {
  const { first, second } = input
  const accepts = (text: unknown) =>
    isSplitIntoWords
      ? Array.isArray(text) && text.every((word) => typeof word === 'string')
      : typeof text === 'string'
  const wrong = [first, second].find((text) => text !== undefined && !accepts(text))
  if (wrong === undefined) return input
  const kind = Array.isArray(wrong) ? `a list of ${wrong.length}` : wrong === null ? 'null' : typeof wrong
  throw new TokenizerError(
    `Text${place === undefined ? '' : ` ${place}`} is ${kind}, but must be ` +
      (isSplitIntoWords
        ? 'a list of words, as isSplitIntoWords is set.'
        : 'a string or a pair of strings. For lists of words set isSplitIntoWords: true.'),
  )
}
