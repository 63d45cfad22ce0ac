/** @file Wav2Vec2's characters: every one is a token, and so is the end of a word. */
import type { NormalizerConfig } from '../normalizers'
import type { TokenizerFiles } from '../pretrained/files'
import type { TokenizerJson } from '../tokenizer'
import { type Context, type Languages, type TokenizerClass, WITHOUT_TYPES } from './tokenizer-class'

/** Tokens of several characters are found in a text as they stand, and take the spaces around along. */
const WHOLE = { lstrip: true, rstrip: true, normalized: false }

const TOKENS = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' }

function fromCharacters({ files, config, roles }: Context): TokenizerJson {
  const { target_lang, word_delimiter_token, do_lower_case = false } = config
  const vocab = (target_lang ? languagesIn(files)?.[target_lang] : undefined) ?? files['vocab.json']!
  const special = new Set(Object.values(roles))
  const tokens = Object.entries(vocab)
  return {
    added_tokens: tokens
      .filter(([content]) => [...content].length > 1)
      .map(([content, id]) => ({ id, content, single_word: false, ...WHOLE, special: special.has(content) })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...(do_lower_case ? tokens.flatMap(([content]) => upper(content)) : []),
        { type: 'Replace', pattern: { String: ' ' }, content: word_delimiter_token ?? '|' },
      ],
    },
    pre_tokenizer: null,
    model: {
      type: 'BPE',
      unk_token: roles.unk_token ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      vocab,
      merges: [],
    },
    post_processor: null,
    decoder: null,
  }
}

/** Models of many languages have a vocabulary for each. */
function languagesIn({ 'vocab.json': vocab = {} }: TokenizerFiles): Languages | undefined {
  const nested = Object.values(vocab).some((value) => typeof value === 'object')
  return nested ? (vocab as unknown as Languages) : undefined
}

/** The vocabulary has only large letters then. */
function upper(content: string): NormalizerConfig[] {
  const small = content.toLowerCase()
  if (small === content || [...content].length > 1) return []
  return [{ type: 'Replace', pattern: { String: small }, content }]
}

export const wav2vec2Classes: Record<string, TokenizerClass> = {
  Wav2Vec2CTCTokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: ['vocab.json'],
    tokens: TOKENS,
    languages: languagesIn,
    convert: fromCharacters,
  },
}
