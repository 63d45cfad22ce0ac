/** @file How a pipeline is loaded, and what stands between its inputs and its model. */
import type { Repository, Source } from '@webformers/hub'
import {
  AutoFeatureExtractor,
  AutoImageProcessor,
  type FeatureExtractor,
  type ImageProcessor,
} from '@webformers/processors'
import { AutoTokenizer, type PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { LoadOptions } from '../load-options'
import { AutoProcessor, type Processor } from '../processing'
import type { Preprocessing, TaskDefinition } from './task'

/** How a pipeline is loaded. Options of the task beside these hold for every call that does not say otherwise. */
export interface PipelineOptions extends LoadOptions {
  /** Default: the tokenizer in the model's repository. */
  tokenizer?: Source | PreTrainedTokenizer
  /** Default: the feature extractor in the model's repository. */
  featureExtractor?: Source | FeatureExtractor
  /** Default: the image processor in the model's repository. */
  imageProcessor?: Source | ImageProcessor
  /** Default: the processor in the model's repository. */
  processor?: Source | Processor
  batchSize?: number
}

/** What the task names, of the model's repository or as the options have it. */
export async function preprocessingOf(
  { preprocessing = ['tokenizer'] }: Pick<TaskDefinition<never, never, never, unknown>, 'preprocessing'>,
  repository: Repository | undefined,
  options: PipelineOptions,
): Promise<Preprocessing> {
  const parts = preprocessing.map(async (part) => [part, await partOf(part, repository, options)] as const)
  const opened = Object.fromEntries(await Promise.all(parts)) as unknown as Preprocessing
  const { processor } = opened
  if (!processor) return opened
  const { tokenizer, imageProcessor } = processor
  return { ...opened, tokenizer, imageProcessor }
}

type Part = PreTrainedTokenizer | FeatureExtractor | ImageProcessor | Processor

const openers = {
  tokenizer: AutoTokenizer,
  featureExtractor: AutoFeatureExtractor,
  imageProcessor: AutoImageProcessor,
  processor: AutoProcessor,
} as const satisfies Record<keyof Preprocessing, unknown>

async function partOf(
  part: keyof Preprocessing,
  repository: Repository | undefined,
  { [part]: given, ...options }: PipelineOptions,
): Promise<Part> {
  if (typeof given === 'function') return given
  const source = given ?? repository
  if (source === undefined) {
    throw new OptionError(
      `A model that is loaded already needs its ${part}: pipeline(task, model, { ${part} }).`,
    )
  }
  const { config: _ofModel, ggufFile, ...files } = options
  // That file is the model's.
  return openers[part].fromPretrained(source, given === undefined ? { ...files, ggufFile } : files)
}
