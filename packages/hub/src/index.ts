/** @file @webformers/hub: where a model's files come from. */
export { type CachedRepository, cache, isCached } from './cache-contents'
export { type Checkpoint, openCheckpoint } from './checkpoint'
export { checkpointFiles } from './checkpoint-files'
export * from './errors'
export type { ReadOptions } from './files'
export type { CheckpointDType, TensorEntry } from './formats/safetensors'
export { configure, type Defaults, type FileOptions, type Progress, type Source } from './options'
export { openRepository, type Repository } from './repository'
