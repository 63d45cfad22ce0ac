/** @file The words that tokens of a transcript make up. */

/** What is needed of a tokenizer. */
export interface WordSource {
  readonly eosTokenId: number | undefined
  decode(ids: readonly number[], options: { decodeWithTimestamps: true }): string
}

/** A word, and the places of its tokens. */
export interface Word {
  text: string
  indices: number[]
}

/** These put no spaces between words, so that every character is one. */
const WITHOUT_SPACES = ['chinese', 'japanese', 'thai', 'lao', 'myanmar', 'cantonese']
const OPENING = '"\'“¡¿([{-'
const CLOSING = '"\'.。,，!！?？:：”)]}、'
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/** Words with the punctuation around them. Like `_combine_tokens_into_words` in Python.
 * @param language in English; default: English
 */
export function wordsOf(tokenizer: WordSource, ids: readonly number[], language = 'english'): Word[] {
  const characters = wholeCharacters(tokenizer, ids)
  const words = WITHOUT_SPACES.includes(language) ? characters : spaced(tokenizer, ids, characters)
  return withClosing(withOpening(words))
}

/** A character may be of several tokens, which mean nothing alone. */
function wholeCharacters(tokenizer: WordSource, ids: readonly number[]): Word[] {
  const decode = (tokens: readonly number[]) => tokenizer.decode(tokens, { decodeWithTimestamps: true })
  const whole = decode(ids)
  const words: Word[] = []
  let indices: number[] = []
  let offset = 0
  for (let i = 0; i < ids.length; i++) {
    indices.push(i)
    const text = decode(indices.map((index) => ids[index]!))
    const broken = text.indexOf('\ufffd')
    // Where the text itself has this character, nothing is missing.
    if (broken >= 0 && whole[offset + broken] !== '\ufffd') continue
    words.push({ text, indices })
    indices = []
    offset += text.length
  }
  return words
}

function spaced({ eosTokenId = 0 }: WordSource, ids: readonly number[], parts: readonly Word[]): Word[] {
  const words: Word[] = []
  for (const { text, indices } of parts) {
    const last = words.at(-1)
    const begins =
      ids[indices[0]!]! >= eosTokenId || text.startsWith(' ') || PUNCTUATION.includes(text.trim())
    if (begins || last === undefined) words.push({ text, indices: [...indices] })
    else {
      last.text += text
      last.indices.push(...indices)
    }
  }
  return words
}

/** Quotes and brackets that open belong to the word behind them. */
function withOpening(words: readonly Word[]): Word[] {
  const joined: Word[] = []
  for (const word of words.toReversed()) {
    const next = joined.at(-1)
    if (next && word.text.startsWith(' ') && OPENING.includes(word.text.trim())) {
      next.text = word.text + next.text
      next.indices = [...word.indices, ...next.indices]
    } else joined.push({ ...word })
  }
  return joined.toReversed()
}

/** What closes belongs to the word before it. */
function withClosing(words: readonly Word[]): Word[] {
  const joined: Word[] = []
  for (const word of words) {
    const last = joined.at(-1)
    if (last && !last.text.endsWith(' ') && CLOSING.includes(word.text)) {
      last.text += word.text
      last.indices = [...last.indices, ...word.indices]
    } else joined.push({ ...word })
  }
  return joined.filter(({ text }) => text !== '')
}
