/** @file Data for training: datasets, collators, orders and the loader. */
export type { Batch, Collator, DataCollator, RandomCollator } from './collators/collate'
export { defaultDataCollator } from './collators/default'
export { DataCollatorWithFlattening, type FlatteningOptions } from './collators/flattening'
export {
  DataCollatorForLanguageModeling,
  DataCollatorForWholeWordMask,
  type LanguageModelingOptions,
  type MaskingOptions,
} from './collators/language-modeling'
export {
  DataCollatorForMultipleChoice,
  DataCollatorForSeq2Seq,
  DataCollatorForTokenClassification,
  DataCollatorWithPadding,
  type LabelPaddingOptions,
  type PaddingOptions,
  type PreparesDecoderInputs,
} from './collators/padding'
export { Generator, type GeneratorState } from './generator'
export {
  DataLoader,
  type EpochOptions,
  type Items,
  isMap,
  type LoadedBatch,
  type LoaderOptions,
  type LoaderPosition,
  type MapDataset,
} from './loader'
export { epochOrder, lengthGroupedOrder } from './sampler'
