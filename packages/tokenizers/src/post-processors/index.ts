/** @file `post_processor` of a tokenizer.json → post-processor. */
import type { ByteLevelConfig } from '../pre-tokenizers/byte-level'
import { build } from '../registry'
import { type BertProcessingConfig, bertProcessing } from './bert'
import { byteLevel } from './byte-level'
import type { PostProcessor } from './post-processor'
import { type RobertaProcessingConfig, robertaProcessing } from './roberta'
import { type TemplateProcessingConfig, templateProcessing } from './template'

export type { PostProcessor } from './post-processor'

export type PostProcessorConfig =
  | BertProcessingConfig
  | ByteLevelConfig
  | RobertaProcessingConfig
  | TemplateProcessingConfig
  | { type: 'Sequence'; processors: PostProcessorConfig[] }

/** @throws {TokenizerError} when the component is unknown or malformed. */
export function createPostProcessor(config: PostProcessorConfig): PostProcessor {
  return build<PostProcessorConfig, PostProcessor>('post_processor', config, {
    BertProcessing: bertProcessing,
    ByteLevel: byteLevel,
    RobertaProcessing: robertaProcessing,
    TemplateProcessing: templateProcessing,
    Sequence: ({ processors }) => {
      const all = processors.map(createPostProcessor)
      return {
        added: (pair) => all.reduce((sum, processor) => sum + processor.added(pair), 0),
        process: (encodings, addSpecialTokens) =>
          all.reduce((result, processor) => processor.process(result, addSpecialTokens), encodings),
      }
    },
  })
}
