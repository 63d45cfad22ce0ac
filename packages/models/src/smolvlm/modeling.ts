/** @file SmolVLM (https://arxiv.org/abs/2504.05299), as transformers' modeling_smolvlm.py: Llama, which reads images among words. */
import { input, linear, module, type Tensor } from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { LlamaModel } from '../llama/modeling'
import { SmolVLMConfig } from './configuration'
import { merge, patchMask, SmolVLMConnector, SmolVLMVisionTransformer, wordsOf } from './vision'

type SmolVLMInputs = Readonly<
  Record<'input_ids' | 'attention_mask' | 'pixel_values' | 'pixel_attention_mask', Tensor>
>

export const SmolVLMModel = (c: SmolVLMConfig) =>
  module({
    vision_model: SmolVLMVisionTransformer(c.vision_config),
    connector: SmolVLMConnector(c),
    text_model: LlamaModel(c.text_config),
  }).forward((m, { input_ids, attention_mask, pixel_values, pixel_attention_mask }: SmolVLMInputs) => {
    const [batch, images, ...size] = pixel_values.shape
    const pixels = pixel_values.reshape(IMAGES, ...size)
    const mask = patchMask(c.vision_config, pixel_attention_mask.reshape(IMAGES, ...size.slice(1)))
    const image_hidden_states = m.connector(m.vision_model(pixels, mask)) // [images of all texts, words, hidden]
    const { hidden_size } = c.text_config
    const seen = image_hidden_states.reshape(batch!, `${wordsOf(c)}*${images}`, hidden_size)
    const read = m.text_model({ input_ids, attention_mask }, (words) => merge(c, input_ids, words, seen))
    return { ...read, image_hidden_states }
  })

const IMAGES = 'batch*images'

export const SmolVLMForConditionalGeneration = (c: SmolVLMConfig) => {
  const model = SmolVLMModel(c)
  const { tie_word_embeddings, hidden_size, vocab_size } = c.text_config
  const words = model.children.text_model.children.embed_tokens.children.weight
  const tied = tie_word_embeddings ? words : undefined
  return module({ model, lm_head: linear(hidden_size, vocab_size, { bias: false, tied }) }).forward(
    (m, inputs: SmolVLMInputs) => {
      const { last_hidden_state, ...rest } = m.model(inputs)
      return { logits: m.lm_head(last_hidden_state), ...rest }
    },
  )
}

/** Texts with as many images each; where a text has fewer, the last are no images. */
function inputs(_: Head, { vision_config: { num_channels, image_size } }: SmolVLMConfig): Inputs {
  return {
    input_ids: input(['batch', 'sequence'], 'int32'),
    attention_mask: input(['batch', 'sequence'], 'int32'),
    pixel_values: input(['batch', 'images', num_channels, image_size, image_size]),
    pixel_attention_mask: input(['batch', 'images', image_size, image_size], 'int32'),
  }
}

export const architecture: Architecture<SmolVLMConfig> = {
  config: SmolVLMConfig,
  base_model_prefix: 'model',
  inputs,
  heads: { Model: SmolVLMModel, ForConditionalGeneration: SmolVLMForConditionalGeneration },
}
