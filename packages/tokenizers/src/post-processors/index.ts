/** @file `post_processor` of a tokenizer.json → post-processor. */

import { flag, list, optional, tokenAndId } from '../fields'
import type { ByteLevelConfig } from '../pre-tokenizers/byte-level'
import { build, checked } from '../registry'
import { type BertProcessingConfig, bertProcessing } from './bert'
import { byteLevel } from './byte-level'
import type { PostProcessor } from './post-processor'
import { type RobertaProcessingConfig, robertaProcessing } from './roberta'
import { type TemplateProcessingConfig, templateFields, templateProcessing } from './template'

export type { PostProcessor } from './post-processor'

export type PostProcessorConfig =
  | BertProcessingConfig
  | ByteLevelConfig
  | RobertaProcessingConfig
  | TemplateProcessingConfig
  | SequenceConfig

interface SequenceConfig {
  type: 'Sequence'
  processors: PostProcessorConfig[]
}

/** @throws {TokenizerError} when the component is unknown or malformed. */
export function createPostProcessor(config: PostProcessorConfig): PostProcessor {
  return build<PostProcessorConfig, PostProcessor>('post_processor', config, {
    BertProcessing: checked({ sep: tokenAndId, cls: tokenAndId }, bertProcessing),
    ByteLevel: checked({ add_prefix_space: flag, trim_offsets: flag, use_regex: optional(flag) }, byteLevel),
    RobertaProcessing: checked(
      { sep: tokenAndId, cls: tokenAndId, trim_offsets: flag, add_prefix_space: flag },
      robertaProcessing,
    ),
    TemplateProcessing: checked(templateFields, templateProcessing),
    Sequence: checked({ processors: list }, ({ processors }: SequenceConfig) => {
      const all = processors.map(createPostProcessor)
      return {
        added: (pair) => all.reduce((sum, processor) => sum + processor.added(pair), 0),
        process: (encodings, addSpecialTokens) =>
          all.reduce((result, processor) => processor.process(result, addSpecialTokens), encodings),
      }
    }),
  })
}
