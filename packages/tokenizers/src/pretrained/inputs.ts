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
  if (!isText(text))
    throw new TokenizerError(
      `A text must be a string, a list of words or a list of these, but it is ${typeof text}.`,
    )
  const single = isSplitIntoWords ? !Array.isArray(text[0]) : typeof text === 'string'
  if (single) {
    // As in Python, an empty second text is none.
    const second = textPair !== undefined && textPair.length > 0 ? (textPair as Input['second']) : undefined
    return { inputs: [{ first: text as Input['first'], second }], single }
  }
  if (textPair !== undefined && (typeof textPair === 'string' || textPair.length !== text.length)) {
    const count = typeof textPair === 'string' ? 'one string' : `${textPair.length} texts`
    throw new TokenizerError(
      `The batch has ${text.length} texts, but textPair is ${count}: it needs one for each.`,
    )
  }
  const inputs = Array.from(text as readonly Input['first'][], (first, i): Input => {
    if (typeof first !== 'string' && !isSplitIntoWords) {
      if (first.length === 2) return { first: first[0]!, second: first[1] }
      throw new TokenizerError(
        `Text ${i} is a list of ${first.length}. For lists of words set isSplitIntoWords: true; a pair has two.`,
      )
    }
    return { first, second: textPair?.[i] as Input['second'] }
  })
  return { inputs, single }
}
