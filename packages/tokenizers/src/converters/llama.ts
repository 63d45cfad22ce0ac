/** @file Llama, Gemma and other decoders: the configuration says whether their texts begin and end in a token. */
import type { DecoderConfig } from '../decoders'
import { TokenizerError } from '../errors'
import type { TokenizerConfig } from '../pretrained/files'
import type { TokenizerJson } from '../tokenizer'
import { END } from './byte-level'
import {
  bytesOf,
  fromSentencePiece,
  metaspace,
  type Scored,
  SPACE,
  scored,
  sequence,
  stringReplace,
} from './sentence-piece'
import { type Part, withTemplate } from './template'
import { fromRanks, holdsRanks } from './tiktoken'
import {
  type Context,
  type Declarations,
  matching,
  SPECIAL,
  type TokenizerClass,
  WITHOUT_TYPES,
} from './tokenizer-class'

/** `add_bos_token` and `add_eos_token` are the whole post-processor. */
const adaptEnds =
  (addBos: boolean) =>
  (json: TokenizerJson, context: Context): TokenizerJson => {
    const { config, roles } = context
    const end = (role: 'bos_token' | 'eos_token', wanted: boolean): string[] => {
      if (!wanted) return []
      const token = roles[role]
      if (token !== undefined) return [token]
      throw new TokenizerError(`The configuration sets add_${role}, but there is no ${role}.`)
    }
    const bos = end('bos_token', config.add_bos_token ?? addBos)
    const eos = end('eos_token', config.add_eos_token ?? false)
    const single: Part[] = [...bos, '$A', ...eos]
    const second = [...bos, '$B', ...eos].map((part): Part => [part, 1])
    return withTemplate(json, context, single, [...single, ...second])
  }

const BYTE_DECODER: DecoderConfig[] = [
  { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
  { type: 'ByteFallback' },
  { type: 'Fuse' },
]

/** SentencePiece's pieces, or the ranks that Llama 3 has in a file of that name. */
function fromLlama(context: Context, listensToSpacing: boolean): TokenizerJson {
  const { files, config, declared } = context
  if (holdsRanks(bytesOf(files, 'tokenizer.model'))) return fromRanks(context)
  const { legacy, add_prefix_space }: TokenizerConfig = listensToSpacing ? config : {}
  const spaced = add_prefix_space ?? true
  const isLegacy = legacy ?? true
  const decoders: DecoderConfig[] = [...BYTE_DECODER]
  if (spaced) decoders.push({ type: 'Strip', content: ' ', start: 1, stop: 0 })
  return fromSentencePiece(files, 'tokenizer.model', {
    vocab: (pieces) => [
      ...pieces.slice(0, 3).map(({ text }, id): Scored => [declared.get(id)?.content ?? text, 0]),
      ...scored(pieces.slice(3)),
    ],
    unkId: 0,
    byteFallback: true,
    normalizer: () => {
      if (!isLegacy) return undefined
      const spaces = stringReplace(' ', SPACE)
      return sequence(spaced ? [{ type: 'Prepend', prepend: SPACE }, spaces] : [spaces])
    },
    preTokenizer: isLegacy
      ? null
      : { ...metaspace({ legacy: false, add_prefix_space: spaced }), split: false },
    decoder: { type: 'Sequence', decoders },
  })
}

function fromGemma(context: Context): TokenizerJson {
  const { files, roles } = context
  const { pad_token: pad = '', eos_token: eos = '', bos_token: bos = '' } = roles
  return fromSentencePiece(files, 'tokenizer.model', {
    vocab: (pieces) => {
      const vocab: Scored[] = [[pad, 0], [eos, 0], [bos, 0], ...scored(pieces.slice(3))]
      // Gemma 1 has no tab: its byte is made one.
      const byte = vocab.findIndex(([piece]) => piece === '<0x09>')
      if (byte !== -1 && !vocab.some(([piece]) => piece === '\t')) vocab[byte] = ['\t', 0]
      return vocab
    },
    unkId: 3,
    byteFallback: true,
    extraParts: ['\t'],
    special: ['<start_of_turn>', '<end_of_turn>'],
    normalizer: () => stringReplace(' ', SPACE),
    preTokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
    decoder: { type: 'Sequence', decoders: BYTE_DECODER },
  })
}

/** `add_prefix_space: true` reaches the ByteLevel inside a Sequence, too. */
function adaptInnerSpaces(json: TokenizerJson, { config }: Context): TokenizerJson {
  const { pre_tokenizer } = json
  if (!config.add_prefix_space || pre_tokenizer?.type !== 'Sequence') return json
  const pretokenizers = pre_tokenizer.pretokenizers.map((inner) =>
    inner.type === 'ByteLevel' ? { ...inner, add_prefix_space: true } : inner,
  )
  return { ...json, pre_tokenizer: { ...pre_tokenizer, pretokenizers } }
}

const LLAMA_TOKENS: Declarations = { unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>' }
const GEMMA_TOKENS: Declarations = {
  unk_token: '<unk>',
  bos_token: '<bos>',
  eos_token: '<eos>',
  pad_token: '<pad>',
}

const COHERE_TOKENS: Declarations = {
  unk_token: '<UNK>',
  bos_token: '<BOS_TOKEN>',
  eos_token: '<|END_OF_TURN_TOKEN|>',
}

const llama: TokenizerClass = {
  inputs: WITHOUT_TYPES,
  vocabulary: ['tokenizer.model'],
  tokens: LLAMA_TOKENS,
  bareTokens: { ...matching(LLAMA_TOKENS, SPECIAL), pad_token: SPECIAL },
  convert: (context) => fromLlama(context, true),
  prefersVocabulary: ({ add_prefix_space }) => (add_prefix_space ?? null) !== null,
  adapt: adaptEnds(true),
  addPrefixSpace: null,
  paddingSide: 'left',
}

const bloom: TokenizerClass = {
  inputs: WITHOUT_TYPES,
  vocabulary: [],
  tokens: { unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>', pad_token: '<pad>' },
  adapt: adaptInnerSpaces,
  needsPrefixSpace: true,
}

export const llamaClasses: Record<string, TokenizerClass> = {
  LlamaTokenizer: llama,
  CodeLlamaTokenizer: {
    ...llama,
    bareTokens: matching(LLAMA_TOKENS, SPECIAL),
    additional: (given = [], { prefix_token, middle_token, suffix_token, eot_token }) => {
      const infilling = [
        prefix_token === undefined ? '▁<PRE>' : prefix_token,
        middle_token === undefined ? '▁<MID>' : middle_token,
        suffix_token === undefined ? '▁<SUF>' : suffix_token,
        eot_token === undefined ? '▁<EOT>' : eot_token,
      ]
      return [...given, ...infilling.filter((token) => token !== null)]
    },
    convert: (context) => fromLlama(context, false),
    prefersVocabulary: () => false,
    addPrefixSpace: false,
  },
  GemmaTokenizer: {
    ...llama,
    tokens: GEMMA_TOKENS,
    bareTokens: matching(GEMMA_TOKENS, SPECIAL),
    convert: fromGemma,
    prefersVocabulary: () => false,
    addPrefixSpace: false,
  },
  GPTNeoXTokenizer: { inputs: WITHOUT_TYPES, vocabulary: [], tokens: END, adapt: adaptEnds(false) },
  BloomTokenizer: bloom,
  CohereTokenizer: {
    ...bloom,
    tokens: COHERE_TOKENS,
    adapt: (json, context) => adaptInnerSpaces(adaptEnds(true)(json, context), context),
    paddingSide: 'left',
  },
}
