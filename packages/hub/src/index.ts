/** @file @webformers/hub: where a model's files come from. */

export {
  type Checkpoint,
  type CheckpointDType,
  checkpointFiles,
  openCheckpoint,
  type TensorEntry,
} from './checkpoint'
export * from './errors'
export { configure, type Defaults, type FileOptions, type Progress, type Source } from './options'
export { openRepository, type ReadOptions, type Repository } from './repository'
