/** @file @webformers/hub: where a model's files come from. */
export { breather, nextTask } from './breather'
export { type CachedRepository, cache } from './cache-contents'
export { type Checkpoint, openCheckpoint } from './checkpoint'
export { type CheckpointOptions, checkpointFiles, findCheckpoint } from './checkpoint-files'
export * from './errors'
export type { Evicted } from './evict'
export type { ReadOptions } from './files'
export { ggufConfig } from './formats/gguf/config'
export type { GgufMetadata } from './formats/gguf/metadata'
export type { GgufArray, GgufItem, GgufScalar, GgufValue } from './formats/gguf/values'
export { type SavedTensor, writeSafetensors } from './formats/write-safetensors'
export { parseSize, type ShardOptions, staleFiles, writeCheckpoint } from './formats/write-shards'
export { readGgufBlocks, readGgufConfig, readGgufMetadata } from './gguf'
export {
  configure,
  type Defaults,
  type FileOptions,
  type GivenFiles,
  type Progress,
  type Source,
} from './options'
export { isCached, type PrefetchOptions, prefetch } from './prefetch'
export {
  inheritedLines,
  type ModelCard,
  modelCard,
  type Pushed,
  type PushOptions,
  pushFiles,
} from './push'
export { PythonFloat, type PythonJsonOptions, parsePythonJson, pythonJson } from './python-json'
export { openRepository, type Repository } from './repository'
export { type SaveFilesOptions, type SaveTarget, type Saving, saveFiles, zipFiles } from './save'
export { finish, finishCalmly, type Steps } from './steps'
export {
  type CheckpointDType,
  countOf,
  decodeEntry,
  itemSize,
  type StoredBlocks,
  type TensorEntry,
} from './tensor-entry'
export type { CachedFile, Verification, VerifyOptions } from './verify'
