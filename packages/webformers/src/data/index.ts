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
export type { ColumnType, CsvOptions } from './csv'
export { Dataset, type Features, type SplitOptions } from './dataset'
export { Generator, type GeneratorState } from './generator'
export { IterableDataset, type StreamShuffleOptions } from './iterable-dataset'
export type { ReadOptions } from './json-lines'
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
export type { ParquetOptions } from './parquet'
export type { ColumnsOf, MapOptions, Mapped, Row, ShuffleOptions } from './rows'
export { epochOrder, lengthGroupedOrder } from './sampler'
export type { DataSource, SourceOptions } from './source'
