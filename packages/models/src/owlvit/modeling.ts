/** @file OWL-ViT (https://arxiv.org/abs/2205.06230), as transformers' modeling_owlvit.py. */
import { input } from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { type AnySize, imageInputs, toldOf } from '../vision-embeddings'
import { OwlViTConfig, OwlViTTextConfig, OwlViTVisionConfig } from './configuration'
import { OwlViTForObjectDetection } from './detection'
import { OwlViTModel, OwlViTTextModel, OwlViTVisionModel, type TextQueries } from './towers'

const texts = (count: string): TextQueries => ({
  input_ids: input([count, 'sequence'], 'int32'),
  attention_mask: input([count, 'sequence'], 'int32'),
})

/** Texts are as many for each image, unless an image tells what is looked for. */
function inputs(head: Head, c: OwlViTConfig & AnySize, given?: readonly string[]): Inputs {
  const vision_config = toldOf(c, c.vision_config)
  if (head === 'Model') return { ...texts('batch'), ...imageInputs(vision_config, 'images') }
  const images = imageInputs(vision_config)
  if (!given?.includes('query_pixel_values')) return { ...images, ...texts('batch*queries') }
  const queries = imageInputs(vision_config, 'batch', ['query_height', 'query_width'])
  return { ...images, query_pixel_values: queries.pixel_values }
}

/** The tower that reads what to look for, by itself. */
export const textArchitecture: Architecture<OwlViTTextConfig> = {
  config: (json) => OwlViTTextConfig(json),
  base_model_prefix: 'owlvit',
  inputs: () => texts('batch'),
  otherHeads: { TextModel: 'Model' },
  heads: { Model: OwlViTTextModel },
}

/** The tower that sees images, by itself. */
export const visionArchitecture: Architecture<OwlViTVisionConfig> = {
  config: (json) => OwlViTVisionConfig(json),
  base_model_prefix: 'owlvit',
  inputs: (_, c) => imageInputs(c),
  otherHeads: { VisionModel: 'Model' },
  heads: { Model: OwlViTVisionModel },
}

export const architecture: Architecture<OwlViTConfig> = {
  config: OwlViTConfig,
  base_model_prefix: 'owlvit',
  inputs,
  optional: ['query_pixel_values'],
  ownStack: 'vision',
  otherHeads: { ForZeroShotObjectDetection: 'ForObjectDetection' },
  parts: {
    TextModel: { key: 'text_config', model_type: 'owlvit_text_model', head: 'Model' },
    VisionModel: { key: 'vision_config', model_type: 'owlvit_vision_model', head: 'Model' },
  },
  heads: { Model: OwlViTModel, ForObjectDetection: OwlViTForObjectDetection },
}
