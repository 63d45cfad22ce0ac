/** @file @webformers/tokenizers: text → ids with offsets, and back. What loading one takes and throws comes along. */
export {
  CorruptCheckpointError,
  CorruptFileError,
  configure,
  type Defaults,
  FileNotFoundError,
  type FileOptions,
  GatedRepositoryError,
  InvalidSourceError,
  NetworkError,
  OfflineError,
  PermissionError,
  type Progress,
  RepositoryNotFoundError,
  RevisionNotFoundError,
  type Source,
  TruncatedFileError,
  UnsupportedCheckpointError,
  WebformersError,
} from '@webformers/hub'
export type { AddedToken } from './added-vocabulary'
export {
  whisperLanguageCode,
  whisperLanguageNames,
  whisperLanguages,
} from './converters/whisper-languages'
export {
  type CharOffset,
  type CtcDecoded,
  type CtcDecodeOptions,
  type WordOffset,
  wordOffsets,
} from './ctc/decode'
export type { DecodeStream } from './decoders'
export type { Side } from './encoding'
export { TokenizerError } from './errors'
export { AutoTokenizer, type TokenizerOptions } from './pretrained/auto-tokenizer'
export { BatchEncoding, type Ids, type IntegerTensor, type Offsets } from './pretrained/batch-encoding'
export type { TokenizerCall } from './pretrained/call'
export type {
  ChatEncoding,
  ChatTemplate,
  ChatTemplateOptions,
} from './pretrained/chat-template'
export type { TokenizerConfig, TokenizerFiles } from './pretrained/files'
export type { InitOptions } from './pretrained/init-options'
export type { CallOptions, DecodeOptions, PadOptions, TextInput } from './pretrained/options'
export type { PreTrainedTokenizer } from './pretrained/pretrained-tokenizer'
export type { SaveOptions } from './pretrained/save'
export type { Role, SpecialTokenFields, TokenLike } from './pretrained/special-tokens'
export type { TrainOptions } from './pretrained/train-new'
export type { Sequence, Tokenizer, TokenizerJson } from './tokenizer'
export type { TrainingProgress } from './trainers/options'
export type { TrainingTexts } from './trainers/word-counts'
export { basicTextNormalizer, type TextNormalizer } from './whisper/basic-text'
export type { WhisperDecoded, WhisperDecodeOptions, WhisperOffset } from './whisper/decode'
export { englishTextNormalizer } from './whisper/english-text'
export { promptIds } from './whisper/prompt'
export {
  type AsrChunk,
  type AsrOptions,
  type AsrOutput,
  decodeAsr,
  type Transcript,
} from './whisper/transcript'
