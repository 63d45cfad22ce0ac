/** @file Which class a tokenizer is of, and the tokenizer.json that its files amount to. */
import { albertClasses } from '../converters/albert'
import { byteLevelClasses } from '../converters/byte-level'
import { fairseqClasses } from '../converters/fairseq'
import { llamaClasses } from '../converters/llama'
import { marianClasses } from '../converters/marian'
import { classOfModel } from '../converters/model-types'
import { t5Classes } from '../converters/t5'
import { fromRanks, holdsRanks } from '../converters/tiktoken'
import {
  type Context,
  type Declaration,
  type TokenizerClass,
  WITH_TYPES,
  WITHOUT_TYPES,
} from '../converters/tokenizer-class'
import { translationClasses } from '../converters/translation'
import { wav2vec2Classes } from '../converters/wav2vec2'
import { whisperClasses } from '../converters/whisper'
import { wordBpeClasses } from '../converters/word-bpe'
import { wordPieceClasses } from '../converters/word-piece'
import { TokenizerError } from '../errors'
import type { TokenizerConfig, TokenizerFiles, VocabularyFile } from '../pretrained/files'
import type { Role } from '../pretrained/special-tokens'
import type { TokenizerJson } from '../tokenizer'

/** Python has these without a converter: a tokenizer.json that somebody else made says all but what the model takes. */
const WITHOUT_CONVERTER = [
  'BertGenerationTokenizer',
  'BioGptTokenizer',
  'BlenderbotSmallTokenizer',
  'ByT5Tokenizer',
  'EsmTokenizer',
  'FSMTTokenizer',
  'GPTSw3Tokenizer',
  'LukeTokenizer',
  'PLBartTokenizer',
  'ProphetNetTokenizer',
  'SiglipTokenizer',
  'Speech2TextTokenizer',
  'SpeechT5Tokenizer',
  'VitsTokenizer',
  'XLMProphetNetTokenizer',
]
const unconverted: TokenizerClass = { inputs: WITHOUT_TYPES, vocabulary: [], tokens: {} }

const classes: Record<string, TokenizerClass> = {
  ...Object.fromEntries(WITHOUT_CONVERTER.map((name) => [name, unconverted])),
  ...wordPieceClasses,
  ...byteLevelClasses,
  ...wav2vec2Classes,
  ...whisperClasses,
  ...wordBpeClasses,
  ...fairseqClasses,
  ...translationClasses,
  ...marianClasses,
  ...albertClasses,
  ...t5Classes,
  ...llamaClasses,
}

/** Any other class: the tokenizer.json says all, or else tiktoken's ranks do. */
const base: TokenizerClass = {
  inputs: WITH_TYPES,
  vocabulary: ['tokenizer.model'],
  tokens: {},
  convert: (context) => {
    if (holdsRanks(context.files['tokenizer.model']!)) return fromRanks(context)
    throw new TokenizerError(
      'tokenizer.model holds no ranks of tiktoken, and only a tokenizer_class says what else it means, such as LlamaTokenizer.',
    )
  },
}

/** These cut words by a dictionary that Python downloads; no file of the repository says how. */
const UNSUPPORTED = ['RoFormerTokenizer', 'CpmTokenizer']

/** The class's name, without `Fast`; nothing where no file says it. */
export const nameOf = ({ tokenizer_class }: TokenizerConfig, files: TokenizerFiles): string => {
  const { tokenizer_class: ofModel, model_type } = files['config.json'] ?? {}
  return (tokenizer_class ?? ofModel ?? classOfModel(model_type ?? '') ?? '').replace(/Fast$/, '')
}

/** @throws {TokenizerError} when the class needs more than files. */
export function classOf(config: TokenizerConfig, files: TokenizerFiles): TokenizerClass {
  const name = nameOf(config, files)
  if (UNSUPPORTED.includes(name))
    throw new TokenizerError(`${name} cuts Chinese words with jieba, which is not available here.`)
  return Object.hasOwn(classes, name) ? classes[name]! : base
}

/** The class of which the tokenizer.json says all. */
const GENERIC = 'PreTrainedTokenizerFast'

/**
 * The class that Python makes of a tokenizer.json and this configuration what it is here: the generic one where the
 * configuration's own has no fast form, or would turn to its bare vocabulary.
 * @param hasJson whether there is a tokenizer.json; without, the class is what it was.
 */
export function savedNameOf(config: TokenizerConfig, hasJson: boolean): string {
  const name = nameOf(config, {})
  if (!hasJson) return name
  if (name === '' || `${name}Fast` === GENERIC) return GENERIC
  if (!Object.hasOwn(classes, name)) return name
  const kind = classes[name]!
  if (kind === unconverted || kind.prefersVocabulary?.(config)) return GENERIC
  return hasSentencePiece(kind) ? `${name}Fast` : name
}

/** Whether Python writes the bare vocabulary too: a SentencePiece model it could only copy. */
export const keepsVocabulary = (kind: TokenizerClass): boolean =>
  kind.vocabulary.length > 0 && !hasSentencePiece(kind)

const hasSentencePiece = ({ vocabulary }: TokenizerClass) => vocabulary[0]?.endsWith('.model') === true

/** How the class declares a role, where it does. */
export function declarationOf(kind: TokenizerClass, role: Role, slow: boolean): Declaration | undefined {
  const usual = kind.tokens[role]
  const own = slow ? kind.bareTokens?.[role] : undefined
  if (own === undefined || typeof own === 'string') return own ?? usual
  return { ...(typeof usual === 'string' ? { content: usual } : usual), ...own }
}

/** The vocabulary files to read, besides or instead of a tokenizer.json. */
export const vocabularyOf = (
  kind: TokenizerClass,
  config: TokenizerConfig,
  hasJson: boolean,
): readonly VocabularyFile[] => (hasJson && !kind.prefersVocabulary?.(config) ? [] : kind.vocabulary)

/** Whether the bare vocabulary is converted. */
export function isBare(kind: TokenizerClass, files: TokenizerFiles, config: TokenizerConfig): boolean {
  const wanted = vocabularyOf(kind, config, files['tokenizer.json'] !== undefined)
  return wanted.length > 0 && wanted.every((name) => files[name] !== undefined)
}

/** Whether it is by a converter of Python's slow class, which then has a say in the special tokens. */
export function isSlow(kind: TokenizerClass, files: TokenizerFiles, config: TokenizerConfig): boolean {
  const bytes = files['tokenizer.model']
  return isBare(kind, files, config) && !(kind.vocabulary[0] === 'tokenizer.model' && holdsRanks(bytes!))
}

/**
 * The tokenizer.json of a repository: its own, or what its other files amount to, as the class adapts it.
 * @throws {TokenizerError} when no file of them says what the tokenizer is.
 */
export function tokenizerJson(kind: TokenizerClass, context: Context): TokenizerJson {
  const { files, config } = context
  const own = isBare(kind, files, config) ? convert(kind, context) : files['tokenizer.json']
  if (own === undefined) {
    throw new TokenizerError(
      `No tokenizer in ${JSON.stringify(Object.keys(files))}. ${needs(nameOf(config, files))}`,
    )
  }
  const adapted = adaptPrefixSpace(own, config, kind)
  return kind.adapt?.(adapted, context) ?? adapted
}

function convert(kind: TokenizerClass, context: Context): TokenizerJson | undefined {
  try {
    return kind.convert?.(context)
  } catch (cause) {
    if (cause instanceof TokenizerError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TokenizerError(`The vocabulary (${kind.vocabulary.join(' and ')}) is malformed: ${reason}`, {
      cause,
    })
  }
}

function needs(name: string): string {
  const known = Object.hasOwn(classes, name) ? classes[name]! : undefined
  if (known !== undefined) {
    const { vocabulary } = known
    return `${name} needs tokenizer.json${vocabulary.length > 0 ? `, or ${vocabulary.join(' and ')}` : ''}.`
  }
  const files = [...new Set(Object.values(classes).map(({ vocabulary }) => vocabulary.join(' and ')))]
  return (
    `${name === '' ? 'A tokenizer' : name} needs tokenizer.json, or else a tokenizer_class in tokenizer_config.json and that class's files, ` +
    `which are one of: ${files.filter((list) => list !== '').join('; ')}. Known classes: ${Object.keys(classes).join(', ')}.`
  )
}

/** Of words cut as GPT-2's the configuration says whether the first begins with a space. */
function adaptPrefixSpace(json: TokenizerJson, config: TokenizerConfig, kind: TokenizerClass): TokenizerJson {
  const { pre_tokenizer } = json
  const { addPrefixSpace = false } = kind
  const { add_prefix_space = addPrefixSpace } = config
  if (pre_tokenizer?.type !== 'ByteLevel' || add_prefix_space === null) return json
  return { ...json, pre_tokenizer: { ...pre_tokenizer, add_prefix_space } }
}
