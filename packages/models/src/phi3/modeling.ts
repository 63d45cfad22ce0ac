/** @file Phi-3 (https://arxiv.org/abs/2404.14219), as transformers' modeling_phi3.py: Llama whose projections lie in one matrix. */
import { attention, dropout, gated, linear, module, rotary, type Tensor } from '@webformers/graph'
import type { Architecture } from '../architecture'
import {
  causalLM,
  decoderInputs,
  type LayerContext,
  sequenceClassification,
  tokenClassification,
} from '../decoder'
import { slidingWindows } from '../decoder-configuration'
import { sharedHeadsOf } from '../heads'
import { LlamaDecoderLayer, llamaModel } from '../llama/modeling'
import { Phi3Config } from './configuration'

const Phi3Attention = (c: Phi3Config, index: number) => {
  const { queries, keys } = sharedHeadsOf(c, index)
  const [width, keyWidth] = [queries.kept.length * queries.size, keys.kept.length * keys.size]
  return module({
    o_proj: linear(queries, c.hidden_size, { bias: false }),
    qkv_proj: linear(c.hidden_size, [queries, keys, keys], { bias: false }),
  }).forward((m, x: Tensor, { cos, sin, mask }: LayerContext) => {
    const fused = m.qkv_proj(x) // [batch, sequence, queries + keys + values]
    const query = rotary(fused.slice(2, 0, width), cos, sin, { heads: queries.kept.length })
    const key = rotary(fused.slice(2, width, width + keyWidth), cos, sin, { heads: keys.kept.length })
    const value = fused.slice(2, width + keyWidth, width + 2 * keyWidth)
    const { context, attentions } = attention(query, key, value, {
      heads: queries.kept.length,
      keyValueHeads: keys.kept.length,
      bias: mask,
      dropout: c.attention_dropout,
    })
    return [dropout(m.o_proj(context), c.resid_pdrop), attentions] as const
  })
}

const Phi3MLP = (c: Phi3Config) =>
  module({
    gate_up_proj: linear(c.hidden_size, 2 * c.intermediate_size, { bias: false }),
    down_proj: linear(c.intermediate_size, c.hidden_size, { bias: false }),
  }).forward((m, x: Tensor) => {
    const fused = m.gate_up_proj(x)
    const gate = fused.slice(2, 0, c.intermediate_size)
    const up = fused.slice(2, c.intermediate_size, 2 * c.intermediate_size)
    return dropout(m.down_proj(gated(c.hidden_act, gate, up)), c.resid_pdrop)
  })

export const Phi3Model = (c: Phi3Config) => {
  const blocks = { ...c, head_dim: c.head_dim ?? Math.floor(c.hidden_size / c.num_attention_heads) }
  const layer = (index: number) => LlamaDecoderLayer(blocks, Phi3Attention(c, index), Phi3MLP(c))
  return llamaModel(blocks, layer, slidingWindows(c))
}
export const Phi3ForCausalLM = (c: Phi3Config) => causalLM(c, Phi3Model(c))
export const Phi3ForSequenceClassification = (c: Phi3Config) => sequenceClassification(c, Phi3Model(c))
export const Phi3ForTokenClassification = (c: Phi3Config) => tokenClassification(c, Phi3Model(c))

export const architecture: Architecture<Phi3Config> = {
  config: Phi3Config,
  base_model_prefix: 'model',
  inputs: decoderInputs,
  heads: {
    Model: Phi3Model,
    ForCausalLM: Phi3ForCausalLM,
    ForSequenceClassification: Phi3ForSequenceClassification,
    ForTokenClassification: Phi3ForTokenClassification,
  },
}
