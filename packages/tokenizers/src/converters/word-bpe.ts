/** @file CLIP, Herbert and the first GPT: BPE whose tokens say that they end a word. */
import type { DecoderConfig } from '../decoders'
import type { TokenizerJson } from '../tokenizer'
import { BYTE_LEVEL_DECODER, byteLevel, mergesOf } from './byte-level'
import { tokenIds } from './token-ids'
import {
  type Context,
  matching,
  NORMALIZED,
  type TokenizerClass,
  WITH_TYPES,
  WITHOUT_TYPES,
} from './tokenizer-class'

const SUFFIX = '</w>'
/** As many merges as CLIP's vocabulary has room for, and the line before them. */
const CLIP_LINES = 48895
const CLIP_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
/** More spaces than a text can end in. */
const ALL = 0xffffffff

const special = (json: TokenizerJson, context: Context) => {
  const idOf = tokenIds(json, context)
  return (token = ''): [string, number] => [token, idOf(token)]
}

const modelOf = ({ files, roles }: Context, merges: string[], prefix?: string): TokenizerJson['model'] => ({
  type: 'BPE',
  unk_token: roles.unk_token ?? null,
  continuing_subword_prefix: prefix ?? null,
  end_of_word_suffix: SUFFIX,
  fuse_unk: false,
  vocab: files['vocab.json']!,
  merges,
})

const bertNormalizer = (lowercase: boolean, strip_accents: boolean | null) =>
  ({
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents,
    lowercase,
  }) as const

function fromClip(context: Context): TokenizerJson {
  const json: TokenizerJson = {
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: CLIP_PATTERN }, behavior: 'Removed', invert: true },
        byteLevel(false),
      ],
    },
    model: modelOf(context, mergesOf(context.files, 1, CLIP_LINES), ''),
    decoder: BYTE_LEVEL_DECODER,
  }
  const of = special(json, context)
  return {
    ...json,
    post_processor: {
      type: 'RobertaProcessing',
      sep: of(context.roles.eos_token),
      cls: of(context.roles.bos_token),
      trim_offsets: false,
      add_prefix_space: false,
    },
  }
}

/** Decoded words end in spaces, and the last one's goes. */
const CLIP_DECODERS: DecoderConfig[] = [
  { type: 'Replace', pattern: { String: SUFFIX }, content: ' ' },
  { type: 'Strip', content: ' ', start: ALL, stop: ALL },
]

function adaptClip(json: TokenizerJson): TokenizerJson {
  const { decoder } = json
  if (decoder?.type !== 'ByteLevel') return json
  return { ...json, decoder: { type: 'Sequence', decoders: [decoder, ...CLIP_DECODERS] } }
}

/** What {@link adaptClip} was given; the library itself would panic over so much to strip. */
function savedClipDecoder(decoder: DecoderConfig): DecoderConfig {
  if (decoder.type !== 'Sequence') return decoder
  const [first, ...others] = decoder.decoders
  return JSON.stringify(others) === JSON.stringify(CLIP_DECODERS) ? first! : decoder
}

function fromHerbert(context: Context): TokenizerJson {
  const lines = mergesOf(context.files, 0)
  if (lines[0]?.includes('#version:')) lines.shift()
  // A third column tells how often a pair was seen.
  const merges = lines.map((line) => line.trim().split(/\s+/).slice(0, 2).join(' '))
  const json: TokenizerJson = {
    normalizer: bertNormalizer(false, false),
    pre_tokenizer: { type: 'BertPreTokenizer' },
    model: modelOf(context, merges),
    decoder: { type: 'BPEDecoder', suffix: SUFFIX },
  }
  const of = special(json, context)
  const { sep_token, cls_token } = context.roles
  return { ...json, post_processor: { type: 'BertProcessing', sep: of(sep_token), cls: of(cls_token) } }
}

function fromGpt(context: Context): TokenizerJson {
  const { files, roles } = context
  const { unk_token: unk = '' } = roles
  const match = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const id = files['vocab.json']![unk]
  return {
    added_tokens: id === undefined ? [] : [{ id, content: unk, ...match }],
    normalizer: bertNormalizer(true, null),
    pre_tokenizer: { type: 'BertPreTokenizer' },
    model: modelOf(context, mergesOf(files)),
    decoder: { type: 'BPEDecoder', suffix: SUFFIX },
  }
}

const CLIP_TOKENS = {
  unk_token: '<|endoftext|>',
  bos_token: '<|startoftext|>',
  eos_token: '<|endoftext|>',
}

export const wordBpeClasses: Record<string, TokenizerClass> = {
  CLIPTokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: ['vocab.json', 'merges.txt'],
    tokens: { ...CLIP_TOKENS, pad_token: '<|endoftext|>' },
    bareTokens: matching(CLIP_TOKENS, NORMALIZED),
    convert: fromClip,
    adapt: adaptClip,
    savedDecoder: savedClipDecoder,
  },
  HerbertTokenizer: {
    inputs: WITH_TYPES,
    vocabulary: ['vocab.json', 'merges.txt'],
    tokens: {
      cls_token: '<s>',
      unk_token: '<unk>',
      pad_token: '<pad>',
      mask_token: '<mask>',
      sep_token: '</s>',
    },
    bareTokens: { bos_token: '<s>' },
    additional: (given, _, bare) =>
      given ?? (bare ? Array.from({ length: 10 }, (_, i) => `<special${i}>`) : undefined),
    convert: fromHerbert,
  },
  OpenAIGPTTokenizer: {
    inputs: WITHOUT_TYPES,
    vocabulary: ['vocab.json', 'merges.txt'],
    tokens: { unk_token: '<unk>' },
    convert: fromGpt,
  },
}
