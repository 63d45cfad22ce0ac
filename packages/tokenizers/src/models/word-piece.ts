/** @file WordPiece: the longest piece that fits, again and again; a word with a part that fits nothing is unknown. */

import type { Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { previous } from '../text/characters'
import { type Model, single, type Word } from './model'
import { type CompiledVocabulary, compileVocabulary, Vocabulary } from './vocabulary'

export interface WordPieceOptions {
  unk_token: string
  continuing_subword_prefix: string
  /** In characters; a longer word is unknown. */
  max_input_chars_per_word: number
}

export interface WordPieceConfig extends WordPieceOptions {
  type: 'WordPiece'
  vocab: Record<string, number>
}

export interface CompiledWordPiece {
  type: 'WordPiece'
  options: WordPieceOptions
  vocabulary: CompiledVocabulary
}

export function* compileWordPiece({ type, vocab, ...options }: WordPieceConfig): Steps<CompiledWordPiece> {
  return { type, options, vocabulary: yield* compileVocabulary(vocab, 'WordPiece') }
}

export function wordPiece({ options, vocabulary: compiled }: CompiledWordPiece): Model {
  const { unk_token, continuing_subword_prefix: prefix = '##', max_input_chars_per_word = 100 } = options
  const vocabulary = new Vocabulary(compiled)

  const unknown = (word: string): Word => {
    const id = vocabulary.idOf(unk_token)
    if (id !== undefined) return single(id, word)
    throw new TokenizerError(
      `WordPiece: the vocabulary lacks its own unknown token ${JSON.stringify(unk_token)}.`,
    )
  }

  return {
    size: vocabulary.size,
    // biome-ignore lint/correctness/useYield: a word of more than a hundred characters is unknown
    *tokenize(word) {
      if (isLonger(word, max_input_chars_per_word)) return unknown(word)
      const ids: number[] = []
      const starts: number[] = []
      const ends: number[] = []
      for (let start = 0; start < word.length; ) {
        let end = Math.min(word.length, start + vocabulary.longest)
        let id = -1
        for (; end > start; end = previous(word, end)) {
          id = vocabulary.find(word, start, end, start === 0 ? '' : prefix)
          if (id !== -1) break
        }
        if (id === -1) return unknown(word)
        ids.push(id)
        starts.push(start)
        ends.push(end)
        start = end
      }
      return { ids, starts, ends }
    },
    idOf: (token) => vocabulary.idOf(token),
    tokenOf: (id) => vocabulary.tokenOf(id),
    entries: () => vocabulary.entries(),
  }
}

/** The configuration that a compiled model was made of. */
export const wordPieceConfig = ({ type, options, vocabulary }: CompiledWordPiece): WordPieceConfig => ({
  type,
  ...options,
  vocab: Object.fromEntries(new Vocabulary(vocabulary).entries()),
})

/** Whether `word` has more than `limit` characters, without counting a long one to its end. */
function isLonger(word: string, limit: number): boolean {
  if (word.length <= limit) return false
  if (word.length > limit * 2) return true
  return [...word].length > limit
}
