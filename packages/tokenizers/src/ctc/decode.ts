/** @file CTC's decoding: what a model says for every piece of sound, without repetitions and blanks. */
import { cleanUpTokenization } from '../decoders'
import type { DecodingSource } from '../pretrained/decoding-source'
import type { DecodeOptions } from '../pretrained/options'

/** Where in the model's outputs a character is heard, the end left out. */
export interface CharOffset {
  char: string
  start_offset: number
  end_offset: number
}

/** The same of a word. */
export interface WordOffset {
  word: string
  start_offset: number
  end_offset: number
}

export interface CtcDecoded {
  text: string
  char_offsets?: CharOffset[]
  word_offsets?: WordOffset[]
}

export interface CtcDecodeOptions extends DecodeOptions {
  /** Count a token that is said several times in a row once. Default: `true`. */
  groupTokens?: boolean
  /** Put spaces between tokens, as phonemes need. Default: `false`. */
  spacesBetweenSpecialTokens?: boolean
  /** Tell where each character is heard. Default: `false`. */
  outputCharOffsets?: boolean
  /** Tell where each word is heard. Default: `false`. */
  outputWordOffsets?: boolean
}

/** Like `Wav2Vec2CTCTokenizer.decode` in Python. */
export function decodeCtc(
  { allSpecialIds, padToken, convertIdsToTokens, config }: DecodingSource,
  ids: readonly number[],
  {
    skipSpecialTokens = false,
    cleanUpTokenizationSpaces = false,
    groupTokens = true,
    spacesBetweenSpecialTokens = false,
    outputCharOffsets = false,
    outputWordOffsets = false,
  }: CtcDecodeOptions,
): string | CtcDecoded {
  const { word_delimiter_token = '|', replace_word_delimiter_char = ' ', do_lower_case = false } = config
  const skipped = new Set(skipSpecialTokens ? allSpecialIds : [])
  const tokens = ids.filter((id) => !skipped.has(id)).map((id) => convertIdsToTokens(id) ?? '')
  const characters = grouped(tokens, groupTokens)
    .filter(({ char }) => char !== padToken)
    .map(({ char, ...place }) => ({
      char: char === word_delimiter_token ? replace_word_delimiter_char : char,
      ...place,
    }))
  const joined = characters.map(({ char }) => char).join(spacesBetweenSpecialTokens ? ' ' : '')
  const trimmed = do_lower_case ? joined.trim().toLowerCase() : joined.trim()
  const text = cleanUpTokenizationSpaces ? cleanUpTokenization(trimmed) : trimmed
  if (!outputCharOffsets && !outputWordOffsets) return text
  return {
    text,
    ...(outputCharOffsets && { char_offsets: characters }),
    ...(outputWordOffsets && { word_offsets: wordOffsets(characters, replace_word_delimiter_char) }),
  }
}

function grouped(tokens: readonly string[], groups: boolean): CharOffset[] {
  const characters: CharOffset[] = []
  for (const [i, char] of tokens.entries()) {
    const last = characters.at(-1)
    if (groups && last?.char === char) last.end_offset = i + 1
    else characters.push({ char, start_offset: i, end_offset: i + 1 })
  }
  return characters
}

/** The words that characters make up. Like `_get_word_offsets` in Python. */
export function wordOffsets(characters: readonly CharOffset[], delimiter = ' '): WordOffset[] {
  const words: WordOffset[] = []
  let word: WordOffset | undefined
  for (const { char, start_offset, end_offset } of characters) {
    if (char === delimiter) word = undefined
    else if (word) {
      word.word += char
      word.end_offset = end_offset
    } else {
      word = { word: char, start_offset, end_offset }
      words.push(word)
    }
  }
  return words
}
