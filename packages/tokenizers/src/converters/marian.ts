/** @file Marian and M2M100: SentencePiece itself beside a vocab.json, as Python has them too. */
import { TokenizerError } from '../errors'
import { FAIRSEQ_FILE } from './fairseq'
import { M2M100_CODES, WMT21_CODES } from './language-codes'
import { type Direction, languagesOfClass, languageTemplate } from './languages'
import { bytesOf } from './sentence-piece'
import { withTemplate } from './template'
import { tokenIds } from './token-ids'
import { matching, SPECIAL, type TokenizerClass, WITHOUT_TYPES } from './tokenizer-class'

const MARIAN_TOKENS = matching({ eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' }, SPECIAL)

const M2M100_TOKENS = matching(
  { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', sep_token: '</s>', pad_token: '<pad>' },
  SPECIAL,
)

/** By `language_codes` of the configuration. */
const CODES: Readonly<Record<string, readonly string[]>> = { m2m100: M2M100_CODES, wmt21: WMT21_CODES }

/** Python takes a tokenizer.json for neither. */
const prefersVocabulary = () => true

export const marianClasses: Record<string, TokenizerClass> = {
  MarianTokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: ['source.spm', 'target.spm', 'vocab.json'],
    tokens: {},
    bareTokens: MARIAN_TOKENS,
    convert: (context) => {
      const { files, config, roles } = context
      if (config.separate_vocabs)
        throw new TokenizerError(
          'The configuration sets separate_vocabs, but only Marian models with one vocab.json for both languages can be read.',
        )
      const { eos_token: eos = '', unk_token: unk = '' } = roles
      return withTemplate(
        {
          model: {
            type: 'SentencePiece',
            vocab: files['vocab.json']!,
            unk_token: unk,
            source: bytesOf(files, 'source.spm'),
            target: bytesOf(files, 'target.spm'),
            spelling: { languageCodes: true, spaced: true },
          },
        },
        context,
        ['$A', eos],
        ['$A', '$B', eos],
      )
    },
    prefersVocabulary,
    bareSettings: { modelMaxLength: 512 },
  },
  M2M100Tokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: [FAIRSEQ_FILE, 'vocab.json'],
    tokens: {},
    bareTokens: M2M100_TOKENS,
    convert: (context) => {
      const { files, config, roles } = context
      const { language_codes = 'm2m100' } = config
      if (!Object.hasOwn(CODES, language_codes))
        throw new TokenizerError(
          `language_codes is ${JSON.stringify(language_codes)}, but must be one of ${Object.keys(CODES).join(', ')}.`,
        )
      const json = {
        model: {
          type: 'SentencePiece' as const,
          vocab: files['vocab.json']!,
          unk_token: roles.unk_token ?? '',
          source: bytesOf(files, FAIRSEQ_FILE),
          languages: CODES[language_codes]!.map((code) => `__${code}__`),
          spelling: {},
        },
      }
      const languages = languagesOfClass('M2M100Tokenizer')!
      const tokens = { eos: roles.eos_token, unk: roles.unk_token }
      const direction: Direction = 'source'
      const post_processor = languageTemplate(languages, config, direction, tokens, tokenIds(json, context))
      return { ...json, post_processor }
    },
    prefersVocabulary,
  },
}
