/** @file Spaces that tokenization left before punctuation and in English contractions. */

const BEFORE_CONTRACTIONS = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
] as const
const CONTRACTIONS = [
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
] as const

const replaceAll = (text: string, pairs: readonly (readonly [string, string])[]) =>
  pairs.reduce((result, [from, to]) => result.replaceAll(from, to), text)

/** What `cleanUpTokenizationSpaces` does. Like `clean_up_tokenization` in Python. */
export const cleanUpTokenization = (text: string): string =>
  replaceAll(text, [...BEFORE_CONTRACTIONS, ...CONTRACTIONS])

/** What the decoders of the Rust library do: the same, and one contraction more. */
export const cleanUp = (text: string): string =>
  replaceAll(text, [...BEFORE_CONTRACTIONS, [' do not', " don't"], ...CONTRACTIONS])
