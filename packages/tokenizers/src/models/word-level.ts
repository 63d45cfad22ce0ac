/** @file WordLevel: each word is a token, or unknown. */

import type { Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { type Model, single } from './model'
import { type CompiledVocabulary, compileVocabulary, Vocabulary } from './vocabulary'

export interface WordLevelConfig {
  type: 'WordLevel'
  vocab: Record<string, number>
  unk_token: string
}

export interface CompiledWordLevel {
  type: 'WordLevel'
  vocabulary: CompiledVocabulary
  unk_token: string
}

export function* compileWordLevel({ type, vocab, unk_token }: WordLevelConfig): Steps<CompiledWordLevel> {
  return { type, unk_token, vocabulary: yield* compileVocabulary(vocab, 'WordLevel') }
}

export function wordLevel({ vocabulary: compiled, unk_token }: CompiledWordLevel): Model {
  const vocabulary = new Vocabulary(compiled)
  return {
    size: vocabulary.size,
    // biome-ignore lint/correctness/useYield: a word is one look-up
    *tokenize(word) {
      const id = vocabulary.idOf(word) ?? vocabulary.idOf(unk_token)
      if (id !== undefined) return single(id, word)
      throw new TokenizerError(
        `WordLevel: the vocabulary lacks ${JSON.stringify(word)} and its own unknown token ${JSON.stringify(unk_token)}.`,
      )
    },
    idOf: (token) => vocabulary.idOf(token),
    tokenOf: (id) => vocabulary.tokenOf(id),
    entries: () => vocabulary.entries(),
  }
}

/** The configuration that a compiled model was made of. */
export const wordLevelConfig = ({ vocabulary, ...options }: CompiledWordLevel): WordLevelConfig => ({
  ...options,
  vocab: Object.fromEntries(new Vocabulary(vocabulary).entries()),
})
