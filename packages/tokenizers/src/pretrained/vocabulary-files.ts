/** @file Repositories from before tokenizer.json: bare vocabularies, and what Python's converters make of them. */
import { TokenizerError } from '../errors'
import type { SpecialToken } from '../post-processors/wrap'
import type { TokenizerJson } from '../tokenizer'
import type { TokenizerConfig, TokenizerFiles } from './files'
import { contentOf, type Role } from './special-tokens'

type Tokens = Partial<Record<Role, string>>

const tokenIn = (role: Role, config: TokenizerConfig, defaults: Tokens): string =>
  contentOf(config[role] ?? defaults[role]!)

/** BERT's family: one token a line. `separators`: how many stand between two texts. */
export function fromVocabTxt(
  files: TokenizerFiles,
  config: TokenizerConfig,
  defaults: Tokens & { separators: number },
): TokenizerJson | undefined {
  const lines = files['vocab.txt']?.split(/\r\n|\r|\n/)
  if (lines === undefined) return undefined
  if (lines.at(-1) === '') lines.pop()
  const vocab = Object.fromEntries(lines.map((line, id) => [line, id]))
  const unk = tokenIn('unk_token', config, defaults)
  const [cls] = special(vocab, tokenIn('cls_token', config, defaults), 'vocab.txt')
  const [sep] = special(vocab, tokenIn('sep_token', config, defaults), 'vocab.txt')
  const piece = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } })
  const text = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } })
  const between = Array.from({ length: defaults.separators }, () => piece(sep, 0))
  return {
    model: {
      type: 'WordPiece',
      vocab,
      unk_token: unk,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: config.tokenize_chinese_chars ?? true,
      strip_accents: config.strip_accents ?? null,
      lowercase: config.do_lower_case ?? true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece(cls, 0), text('A', 0), piece(sep, 0)],
      pair: [piece(cls, 0), text('A', 0), ...between, text('B', 1), piece(sep, 1)],
      special_tokens: Object.fromEntries(
        [cls, sep].map((token) => [token, { id: token, ids: [vocab[token]!], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  }
}

/** RoBERTa's family: ids by token, and merges, the first line a comment. */
export function fromVocabJson(
  files: TokenizerFiles,
  config: TokenizerConfig,
  defaults: Tokens,
): TokenizerJson | undefined {
  const { 'vocab.json': vocab, 'merges.txt': merges } = files
  if (vocab === undefined || merges === undefined) return undefined
  const add_prefix_space = config.add_prefix_space ?? false
  return {
    model: {
      type: 'BPE',
      vocab,
      merges: merges
        .split('\n')
        .slice(1)
        .filter((line) => line.trim() !== ''),
    },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space, trim_offsets: true, use_regex: true },
    post_processor: {
      type: 'RobertaProcessing',
      sep: special(vocab, tokenIn('sep_token', config, defaults), 'vocab.json'),
      cls: special(vocab, tokenIn('cls_token', config, defaults), 'vocab.json'),
      trim_offsets: true,
      add_prefix_space,
    },
    decoder: { type: 'ByteLevel' },
  }
}

function special(vocab: Record<string, number>, token: string, file: string): SpecialToken {
  const id = vocab[token]
  if (id === undefined)
    throw new TokenizerError(`${file} lacks ${JSON.stringify(token)}, which the tokenizer's class needs.`)
  return [token, id]
}
