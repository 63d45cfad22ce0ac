/** @file WordPiece: the longest piece that fits, again and again; a word with a part that fits nothing is unknown. */
import { TokenizerError } from '../errors'
import type { Steps } from '../steps'
import { previous } from '../text/characters'
import { cached, type Model, Vocabulary, type Word } from './model'

export interface WordPieceConfig {
  type: 'WordPiece'
  vocab: Record<string, number>
  unk_token: string
  continuing_subword_prefix: string
  /** In characters; a longer word is unknown. */
  max_input_chars_per_word: number
}

export function* wordPiece(config: WordPieceConfig): Steps<Model> {
  const { unk_token, continuing_subword_prefix: prefix = '##', max_input_chars_per_word = 100 } = config
  const vocabulary = yield* Vocabulary.from(config.vocab, 'WordPiece')

  const unknown = (word: string): Word => {
    const id = vocabulary.idOf(unk_token)
    if (id === undefined) {
      throw new TokenizerError(
        `WordPiece: the vocabulary lacks its own unknown token ${JSON.stringify(unk_token)}.`,
      )
    }
    return { ids: [id], tokens: [unk_token], starts: [0], ends: [word.length] }
  }

  const tokenize = (word: string): Word => {
    if (isLonger(word, max_input_chars_per_word)) return unknown(word)
    const ids: number[] = []
    const tokens: string[] = []
    const starts: number[] = []
    const ends: number[] = []
    for (let start = 0; start < word.length; ) {
      let end = word.length
      let id: number | undefined
      let piece = ''
      for (; end > start; end = previous(word, end)) {
        piece = start === 0 ? word.slice(0, end) : prefix + word.slice(start, end)
        id = vocabulary.idOf(piece)
        if (id !== undefined) break
      }
      if (id === undefined) return unknown(word)
      ids.push(id)
      tokens.push(piece)
      starts.push(start)
      ends.push(end)
      start = end
    }
    return { ids, tokens, starts, ends }
  }

  return {
    size: vocabulary.size,
    tokenize: cached(tokenize),
    idOf: (token) => vocabulary.idOf(token),
    tokenOf: (id) => vocabulary.tokenOf(id),
    tokens: () => vocabulary.tokens(),
  }
}

/** Whether `word` has more than `limit` characters, without counting a long one to its end. */
function isLonger(word: string, limit: number): boolean {
  if (word.length <= limit) return false
  if (word.length > limit * 2) return true
  return [...word].length > limit
}
