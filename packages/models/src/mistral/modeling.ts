/** @file Mistral (https://arxiv.org/abs/2310.06825), as transformers' modeling_mistral.py: Llama that sees a window of the text. */
import type { Architecture } from '../architecture'
import {
  causalLM,
  decoderInputs,
  questionAnswering,
  sequenceClassification,
  tokenClassification,
} from '../decoder'
import { slidingWindows } from '../decoder-configuration'
import { LlamaAttention, LlamaDecoderLayer, llamaModel } from '../llama/modeling'
import { MistralConfig } from './configuration'

export const MistralModel = (c: MistralConfig) => {
  const blocks = { ...c, head_dim: c.head_dim ?? Math.floor(c.hidden_size / c.num_attention_heads) }
  const layer = (index: number) =>
    LlamaDecoderLayer(blocks, LlamaAttention(blocks, index, { qkv: false, o: false }))
  return llamaModel(blocks, layer, slidingWindows(c))
}
export const MistralForCausalLM = (c: MistralConfig) => causalLM(c, MistralModel(c))
export const MistralForSequenceClassification = (c: MistralConfig) =>
  sequenceClassification(c, MistralModel(c))
export const MistralForTokenClassification = (c: MistralConfig) => tokenClassification(c, MistralModel(c))
export const MistralForQuestionAnswering = (c: MistralConfig) => questionAnswering(c, MistralModel(c))

export const architecture: Architecture<MistralConfig> = {
  config: MistralConfig,
  base_model_prefix: 'model',
  inputs: decoderInputs,
  heads: {
    Model: MistralModel,
    ForCausalLM: MistralForCausalLM,
    ForSequenceClassification: MistralForSequenceClassification,
    ForTokenClassification: MistralForTokenClassification,
    ForQuestionAnswering: MistralForQuestionAnswering,
  },
}
