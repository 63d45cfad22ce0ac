/** @file SmolLM3 (https://huggingface.co/blog/smollm3), as transformers' modeling_smollm3.py: Llama with layers that positions don't turn. */
import { attention, linear, module, rotary, type Tensor } from '@webformers/graph'
import type { Architecture } from '../architecture'
import {
  causalLM,
  decoderInputs,
  type LayerContext,
  questionAnswering,
  sequenceClassification,
  tokenClassification,
} from '../decoder'
import { slidingWindows } from '../decoder-configuration'
import { sharedHeadsOf } from '../heads'
import { LlamaDecoderLayer, LlamaMLP, llamaModel } from '../llama/modeling'
import { SmolLM3Config } from './configuration'

const SmolLM3Attention = (c: SmolLM3Config, index: number) => {
  const { queries, keys } = sharedHeadsOf(c, index)
  return module({
    q_proj: linear(c.hidden_size, queries, { bias: c.attention_bias }),
    k_proj: linear(c.hidden_size, keys, { bias: c.attention_bias }),
    v_proj: linear(c.hidden_size, keys, { bias: c.attention_bias }),
    o_proj: linear(queries, c.hidden_size, { bias: c.attention_bias }),
  }).forward((m, x: Tensor, { cos, sin, mask }: LayerContext) => {
    const turned = (projected: Tensor, heads: number) =>
      c.no_rope_layers[index] ? rotary(projected, cos, sin, { heads }) : projected
    const query = turned(m.q_proj(x), queries.kept.length)
    const key = turned(m.k_proj(x), keys.kept.length)
    const { context, attentions } = attention(query, key, m.v_proj(x), {
      heads: queries.kept.length,
      keyValueHeads: keys.kept.length,
      bias: mask,
      dropout: c.attention_dropout,
    })
    return [m.o_proj(context), attentions] as const
  })
}

export const SmolLM3Model = (c: SmolLM3Config) => {
  const blocks = { ...c, head_dim: c.head_dim ?? Math.floor(c.hidden_size / c.num_attention_heads) }
  const layer = (index: number) =>
    LlamaDecoderLayer(blocks, SmolLM3Attention(c, index), LlamaMLP(blocks, { bias: c.mlp_bias }))
  return llamaModel(blocks, layer, slidingWindows(c))
}
export const SmolLM3ForCausalLM = (c: SmolLM3Config) => causalLM(c, SmolLM3Model(c))
export const SmolLM3ForSequenceClassification = (c: SmolLM3Config) =>
  sequenceClassification(c, SmolLM3Model(c))
export const SmolLM3ForTokenClassification = (c: SmolLM3Config) => tokenClassification(c, SmolLM3Model(c))
export const SmolLM3ForQuestionAnswering = (c: SmolLM3Config) =>
  questionAnswering(c, SmolLM3Model(c), 'transformer')

export const architecture: Architecture<SmolLM3Config> = {
  config: SmolLM3Config,
  base_model_prefix: 'model',
  inputs: decoderInputs,
  heads: {
    Model: SmolLM3Model,
    ForCausalLM: SmolLM3ForCausalLM,
    ForSequenceClassification: SmolLM3ForSequenceClassification,
    ForTokenClassification: SmolLM3ForTokenClassification,
    ForQuestionAnswering: SmolLM3ForQuestionAnswering,
  },
}
