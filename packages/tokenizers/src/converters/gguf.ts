/**
 * @file The tokenizer in a GGUF file as a tokenizer.json, as Python's converters make it of each architecture: Llama's special
 * tokens end as they begin, Gemma's pieces are chosen by their scores. Only Phi-3's differ: Python's lose all spaces.
 */
import { type GgufMetadata, ggufConfig } from '@webformers/hub'
import type { AddedToken } from '../added-vocabulary'
import type { DecoderConfig } from '../decoders'
import { TokenizerError } from '../errors'
import type { BpeOptions } from '../models/bpe'
import type { PreTokenizerConfig } from '../pre-tokenizers'
import type { TokenizerConfig, TokenizerFiles } from '../pretrained/files'
import type { TokenizerJson } from '../tokenizer'
import { BYTE_LEVEL_DECODER, byteLevel, QWEN2_PATTERN, UNTRIMMED } from './byte-level'
import { CONTROL, type GgufVocabulary, readVocabulary } from './gguf-vocabulary'
import { type Scored, SPACE, sequence, stringReplace } from './sentence-piece'
import { numbered } from './token-ids'

interface Converted {
  json: TokenizerJson
  config: TokenizerConfig
}

const special = (content: string, rstrip = false): AddedToken => ({
  content,
  single_word: false,
  lstrip: false,
  rstrip,
  normalized: false,
  special: true,
})

const bpe = ({ tokens, merges }: GgufVocabulary, options: BpeOptions): TokenizerJson['model'] => ({
  type: 'BPE',
  unk_token: null,
  ...options,
  vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
  merges,
})

const BYTES: BpeOptions = { continuing_subword_prefix: '', end_of_word_suffix: '' }
const UNTRIMMED_BYTES: PreTokenizerConfig = {
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: true,
}
const BYTE_FALLBACK: DecoderConfig[] = [{ type: 'ByteFallback' }, { type: 'Fuse' }]
const TO_SPACES: DecoderConfig = { type: 'Replace', pattern: { String: SPACE }, content: ' ' }

const decoder = (spaced: boolean, decoders: readonly DecoderConfig[]): DecoderConfig => ({
  type: 'Sequence',
  decoders: [...decoders, ...(spaced ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 } as const] : [])],
})

/** A Llama's vocabulary with a Llama's spaces, or with bytes. */
function llamaJson(vocabulary: GgufVocabulary, tokens: readonly AddedToken[]): TokenizerJson {
  const { roles, spaced, algorithm } = vocabulary
  const hasBytes = algorithm !== 'llama'
  const model = bpe(vocabulary, { unk_token: roles.unk_token, fuse_unk: true, byte_fallback: true })
  const spaces = stringReplace(' ', SPACE)
  return {
    added_tokens: numbered(model, tokens),
    normalizer: sequence(hasBytes ? [] : spaced ? [{ type: 'Prepend', prepend: SPACE }, spaces] : [spaces]),
    pre_tokenizer: hasBytes ? UNTRIMMED_BYTES : null,
    model,
    decoder: decoder(spaced, [...BYTE_FALLBACK, TO_SPACES, ...(hasBytes ? [BYTE_LEVEL_DECODER] : [])]),
  }
}

function fromLlama(vocabulary: GgufVocabulary): Converted {
  const { tokens, types, roles, algorithm } = vocabulary
  // Python gives the first token the last one's role as well.
  const ends = { bos_token: roles.eos_token && roles.bos_token, eos_token: roles.bos_token }
  const controls = types
    ? tokens.filter((_, id) => types[id] === CONTROL)
    : [roles.unk_token, ends.bos_token, ends.eos_token].filter((token) => token !== null)
  const added = [...new Set(controls)].map((token) => special(token))
  return {
    json: llamaJson(vocabulary, added),
    config: {
      tokenizer_class: 'LlamaTokenizer',
      unk_token: roles.unk_token,
      ...ends,
      ...(algorithm !== 'llama' && { clean_up_tokenization_spaces: true }),
    },
  }
}

const PHI3_TOKENS = [
  special('</s>', true),
  special('<|endoftext|>'),
  ...[
    '<|assistant|>',
    '<|placeholder1|>',
    '<|placeholder2|>',
    '<|placeholder3|>',
    '<|placeholder4|>',
    '<|system|>',
    '<|end|>',
    '<|placeholder5|>',
    '<|placeholder6|>',
    '<|user|>',
  ].map((token) => special(token, true)),
]

const fromPhi3 = (vocabulary: GgufVocabulary): Converted => ({
  json: llamaJson(vocabulary, PHI3_TOKENS),
  config: { tokenizer_class: 'LlamaTokenizer', ...vocabulary.roles },
})

const QWEN2_TOKENS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'].map((token) => special(token))

function fromQwen2(vocabulary: GgufVocabulary): Converted {
  const model = bpe(vocabulary, BYTES)
  return {
    json: {
      added_tokens: numbered(model, QWEN2_TOKENS),
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: QWEN2_PATTERN }, behavior: 'Isolated', invert: false },
          byteLevel(false, false),
        ],
      },
      model,
      post_processor: UNTRIMMED,
      decoder: BYTE_LEVEL_DECODER,
    },
    config: { tokenizer_class: 'Qwen2Tokenizer' },
  }
}

function fromGemma({ tokens, scores, roles, spaced }: GgufVocabulary): Converted {
  const piece = (token: string): string => {
    if (token === '<0x09>') return '\t'
    return /^\s+$/.test(token) && token.includes(' ') ? SPACE.repeat(token.length) : token
  }
  return {
    json: {
      normalizer: stringReplace(' ', SPACE),
      pre_tokenizer: {
        type: 'Split',
        pattern: { String: ' ' },
        behavior: 'MergedWithPrevious',
        invert: false,
      },
      model: {
        type: 'Unigram',
        unk_id: roles.unk_token === null ? null : tokens.indexOf(roles.unk_token),
        vocab: tokens.map((token, id): Scored => [piece(token), scores?.[id] ?? 0]),
        byte_fallback: true,
      },
      decoder: decoder(spaced, [TO_SPACES, ...BYTE_FALLBACK]),
    },
    config: { tokenizer_class: 'GemmaTokenizer' },
  }
}

const fromGpt2 = (vocabulary: GgufVocabulary): Converted => ({
  json: {
    pre_tokenizer: byteLevel(vocabulary.spaced),
    model: bpe(vocabulary, BYTES),
    post_processor: UNTRIMMED,
    decoder: BYTE_LEVEL_DECODER,
  },
  config: { tokenizer_class: 'GPT2Tokenizer' },
})

const converters: Readonly<Record<string, (vocabulary: GgufVocabulary) => Converted>> = {
  llama: fromLlama,
  mistral: fromLlama,
  phi3: fromPhi3,
  qwen2: fromQwen2,
  qwen3: fromQwen2,
  gemma2: fromGemma,
  gemma3_text: fromGemma,
  gpt2: fromGpt2,
}

/**
 * The files that the tokenizer would have in a repository of its own.
 * @throws {TokenizerError} when the file has no tokenizer, or a malformed one.
 * @throws {UnsupportedCheckpointError} when the architecture is not read from GGUF.
 */
export async function ggufFiles(metadata: GgufMetadata): Promise<TokenizerFiles> {
  const { model_type } = await ggufConfig(metadata)
  const convert = converters[model_type as string]
  if (!convert)
    throw new TokenizerError(
      `"${metadata.file}" is of model_type "${model_type}", whose tokenizer is not read from GGUF. Known: ${Object.keys(converters).join(', ')}.`,
    )
  const vocabulary = await readVocabulary(metadata)
  const { json, config } = convert(vocabulary)
  const { chatTemplate } = vocabulary
  return {
    'tokenizer.json': json,
    'tokenizer_config.json': {
      ...config,
      ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
    },
  }
}
