/** @file SAM, the Segment Anything Model (https://arxiv.org/abs/2304.02643), as transformers' modeling_sam.py. */
import { input, module, parameter, type Tensor } from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { listsOf } from '../contrastive-towers'
import type { ImageInputs } from '../vision-embeddings'
import { SamConfig, SamVisionConfig } from './configuration'
import { SamMaskDecoder } from './mask-decoder'
import { imagePositions, type Prompts, SamPromptEncoder } from './prompts'
import { SamVisionEncoder } from './vision'

/** An image, or the embeddings of one, and what points at things in it. */
type SamInputs = Prompts & Partial<Readonly<Record<'pixel_values' | 'image_embeddings', Tensor>>>

/** `multimask_output` is an argument of Python's `forward`: whether three masks answer to a prompt, or one. */
type CallConfig = SamConfig & { readonly multimask_output?: boolean }

export const SamModel = (c: CallConfig) => {
  const frequencies = parameter(2, c.vision_config.num_pos_feats)
  return module({
    shared_image_embedding: { positional_embedding: frequencies },
    vision_encoder: SamVisionEncoder(c.vision_config),
    prompt_encoder: SamPromptEncoder(c, frequencies),
    mask_decoder: SamMaskDecoder(c.mask_decoder_config),
  }).forward((m, { pixel_values, image_embeddings, ...prompts }: SamInputs) => {
    const seen = pixel_values && m.vision_encoder(pixel_values)
    const { attentions, ...masks } = m.mask_decoder({
      image: image_embeddings ?? seen!.last_hidden_state,
      imagePositions: imagePositions(c, frequencies),
      ...m.prompt_encoder(prompts),
      several: c.multimask_output ?? true,
    })
    return {
      ...masks,
      ...(seen && { image_embeddings: seen.last_hidden_state, ...listsOf('vision', seen) }),
      mask_decoder_attentions: attentions,
    }
  })
}

const SamVisionModel = (c: SamVisionConfig) =>
  module({ vision_encoder: SamVisionEncoder(c) }).forward((m, { pixel_values }: ImageInputs) =>
    m.vision_encoder(pixel_values),
  )

const pixelsOf = (c: SamVisionConfig): ImageInputs => ({
  pixel_values: input(['batch', c.num_channels, c.image_size, c.image_size]),
})

/** All that may be given. */
function everyInput({ vision_config: vision, prompt_encoder_config: prompts }: SamConfig) {
  const size = prompts.image_embedding_size
  return {
    ...pixelsOf(vision),
    image_embeddings: input(['batch', vision.output_channels, size, size]),
    input_points: input(['batch', 'prompts', 'points', 2]),
    input_labels: input(['batch', 'prompts', 'points'], 'int32'),
    input_boxes: input(['batch', 'prompts', 4]),
    input_masks: input(['batch', 1, 4 * size, 4 * size]),
  }
}

/** What a call gives is read; where nobody says, an image and points. */
function inputs(
  _: Head,
  c: SamConfig,
  given: readonly string[] = ['pixel_values', 'input_points', 'input_labels'],
): Inputs {
  const labelled = given.includes('input_points') ? [...given, 'input_labels'] : given
  return Object.fromEntries(Object.entries(everyInput(c)).filter(([name]) => labelled.includes(name)))
}

/** The part that reads the image, by itself. */
export const visionArchitecture: Architecture<SamVisionConfig> = {
  config: SamVisionConfig,
  base_model_prefix: 'sam',
  inputs: (_: Head, c) => pixelsOf(c),
  seen: { from: 'pixel_values', output: 'image_embeddings' },
  otherHeads: { VisionModel: 'Model' },
  heads: { Model: SamVisionModel },
}

export const architecture: Architecture<SamConfig> = {
  config: SamConfig,
  base_model_prefix: 'sam',
  inputs,
  ownStack: 'vision',
  aliases: [
    ['shared_image_embedding.positional_embedding', 'prompt_encoder.shared_embedding.positional_embedding'],
  ],
  buffers: ['positional_embedding'],
  optional: [
    'pixel_values',
    'image_embeddings',
    'input_points',
    'input_labels',
    'input_boxes',
    'input_masks',
  ],
  otherHeads: { ForMaskGeneration: 'Model' },
  parts: { VisionModel: { key: 'vision_config', model_type: 'sam_vision_model', head: 'Model' } },
  heads: { Model: SamModel },
}
