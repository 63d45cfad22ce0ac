/** @file Qwen2 (https://arxiv.org/abs/2407.10671), as transformers' modeling_qwen2.py: Llama with biases and, in some layers, windows. */
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
import { Qwen2Config } from './configuration'

export const Qwen2Model = (c: Qwen2Config) => {
  const blocks = { ...c, head_dim: c.head_dim ?? Math.floor(c.hidden_size / c.num_attention_heads) }
  const layer = (index: number) =>
    LlamaDecoderLayer(blocks, LlamaAttention(blocks, index, { qkv: true, o: false }))
  return llamaModel(blocks, layer, slidingWindows(c))
}
export const Qwen2ForCausalLM = (c: Qwen2Config) => causalLM(c, Qwen2Model(c))
export const Qwen2ForSequenceClassification = (c: Qwen2Config) => sequenceClassification(c, Qwen2Model(c))
export const Qwen2ForTokenClassification = (c: Qwen2Config) => tokenClassification(c, Qwen2Model(c))
export const Qwen2ForQuestionAnswering = (c: Qwen2Config) =>
  questionAnswering(c, Qwen2Model(c), 'transformer')

export const architecture: Architecture<Qwen2Config> = {
  config: Qwen2Config,
  base_model_prefix: 'model',
  inputs: decoderInputs,
  heads: {
    Model: Qwen2Model,
    ForCausalLM: Qwen2ForCausalLM,
    ForSequenceClassification: Qwen2ForSequenceClassification,
    ForTokenClassification: Qwen2ForTokenClassification,
    ForQuestionAnswering: Qwen2ForQuestionAnswering,
  },
}
