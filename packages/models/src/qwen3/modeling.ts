/** @file Qwen3 (https://arxiv.org/abs/2505.09388), as transformers' modeling_qwen3.py: Llama with normed queries and keys. */
import { attention, linear, module, rmsNorm, rotary, type Tensor } from '@webformers/graph'
import type { Architecture } from '../architecture'
import {
  causalLM,
  decoderInputs,
  type LayerContext,
  normHeads,
  questionAnswering,
  sequenceClassification,
  tokenClassification,
} from '../decoder'
import { slidingWindows } from '../decoder-configuration'
import { sharedHeadsOf } from '../heads'
import { LlamaDecoderLayer, llamaModel } from '../llama/modeling'
import { Qwen3Config } from './configuration'

const Qwen3Attention = (c: Qwen3Config, index: number) => {
  const { queries, keys } = sharedHeadsOf(c, index)
  return module({
    q_proj: linear(c.hidden_size, queries, { bias: c.attention_bias }),
    k_proj: linear(c.hidden_size, keys, { bias: c.attention_bias }),
    v_proj: linear(c.hidden_size, keys, { bias: c.attention_bias }),
    o_proj: linear(queries, c.hidden_size, { bias: c.attention_bias }),
    q_norm: rmsNorm(c.head_dim, c.rms_norm_eps),
    k_norm: rmsNorm(c.head_dim, c.rms_norm_eps),
  }).forward((m, x: Tensor, { cos, sin, mask }: LayerContext) => {
    const [query, key] = [normHeads(m.q_norm, m.q_proj(x)), normHeads(m.k_norm, m.k_proj(x))]
    const { context, attentions } = attention(
      rotary(query, cos, sin, { heads: queries.kept.length }),
      rotary(key, cos, sin, { heads: keys.kept.length }),
      m.v_proj(x),
      {
        heads: queries.kept.length,
        keyValueHeads: keys.kept.length,
        bias: mask,
        dropout: c.attention_dropout,
      },
    )
    return [m.o_proj(context), attentions] as const
  })
}

export const Qwen3Model = (c: Qwen3Config) =>
  llamaModel(c, (index) => LlamaDecoderLayer(c, Qwen3Attention(c, index)), slidingWindows(c))
export const Qwen3ForCausalLM = (c: Qwen3Config) => causalLM(c, Qwen3Model(c))
export const Qwen3ForSequenceClassification = (c: Qwen3Config) => sequenceClassification(c, Qwen3Model(c))
export const Qwen3ForTokenClassification = (c: Qwen3Config) => tokenClassification(c, Qwen3Model(c))
export const Qwen3ForQuestionAnswering = (c: Qwen3Config) =>
  questionAnswering(c, Qwen3Model(c), 'transformer')

export const architecture: Architecture<Qwen3Config> = {
  config: Qwen3Config,
  base_model_prefix: 'model',
  inputs: decoderInputs,
  heads: {
    Model: Qwen3Model,
    ForCausalLM: Qwen3ForCausalLM,
    ForSequenceClassification: Qwen3ForSequenceClassification,
    ForTokenClassification: Qwen3ForTokenClassification,
    ForQuestionAnswering: Qwen3ForQuestionAnswering,
  },
}
