/** @file @webformers/hub: where a model's files come from. */
export { type CachedRepository, cache, isCached } from './cache-contents'
export { type Checkpoint, openCheckpoint } from './checkpoint'
export { type CheckpointOptions, checkpointFiles, findCheckpoint } from './checkpoint-files'
export * from './errors'
export type { ReadOptions } from './files'
export { configure, type Defaults, type FileOptions, type Progress, type Source } from './options'
export { openRepository, type Repository } from './repository'
export { type CheckpointDType, countOf, decodeEntry, itemSize, type TensorEntry } from './tensor-entry'
