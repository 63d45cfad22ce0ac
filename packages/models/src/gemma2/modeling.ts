/** @file Gemma 2 (https://arxiv.org/abs/2408.00118), as transformers' modeling_gemma2.py. */
import {
  type Activation,
  attention,
  embedding,
  gated,
  linear,
  type Module,
  module,
  rmsNorm,
  rotary,
  rotaryTables,
  type Tensor,
} from '@webformers/graph'
import type { Architecture } from '../architecture'
import {
  causalLM,
  causalMasks,
  type DecoderInputs,
  decode,
  decoderInputs,
  type LayerContext,
  sequenceClassification,
  tokenClassification,
} from '../decoder'
import { slidingWindows } from '../decoder-configuration'
import { sharedHeadsOf } from '../heads'
import { rotaryFrequencies } from '../rope'
import { Gemma2Config } from './configuration'

/** What these blocks read of a configuration: Gemma 2's, and Gemma 3's. */
interface GemmaBlocks {
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly hidden_activation: Activation
  readonly rms_norm_eps: number
}

/** Weights of norms are stored less one. */
export const gemmaNorm = (c: GemmaBlocks, size: number) => rmsNorm(size, c.rms_norm_eps, { offset: 1 })

const Gemma2Attention = (c: Gemma2Config, index: number) => {
  const { queries, keys } = sharedHeadsOf(c, index)
  return module({
    q_proj: linear(c.hidden_size, queries, { bias: c.attention_bias }),
    k_proj: linear(c.hidden_size, keys, { bias: c.attention_bias }),
    v_proj: linear(c.hidden_size, keys, { bias: c.attention_bias }),
    o_proj: linear(queries, c.hidden_size, { bias: c.attention_bias }),
  }).forward((m, x: Tensor, { cos, sin, mask }: LayerContext) => {
    const query = rotary(m.q_proj(x), cos, sin, { heads: queries.kept.length })
    const key = rotary(m.k_proj(x), cos, sin, { heads: keys.kept.length })
    const { context, attentions } = attention(query, key, m.v_proj(x), {
      heads: queries.kept.length,
      keyValueHeads: keys.kept.length,
      scale: c.query_pre_attn_scalar ** -0.5,
      softcap: c.attn_logit_softcapping ?? undefined,
      bias: mask,
      dropout: c.attention_dropout,
    })
    return [m.o_proj(context), attentions] as const
  })
}

export const GemmaMLP = (c: GemmaBlocks) =>
  module({
    gate_proj: linear(c.hidden_size, c.intermediate_size, { bias: false }),
    up_proj: linear(c.hidden_size, c.intermediate_size, { bias: false }),
    down_proj: linear(c.intermediate_size, c.hidden_size, { bias: false }),
  }).forward((m, x: Tensor) => m.down_proj(gated(c.hidden_activation, m.gate_proj(x), m.up_proj(x))))

/** Norms before and after both halves. */
export const GemmaDecoderLayer = (
  c: GemmaBlocks,
  self_attn: Module & ((x: Tensor, context: LayerContext) => readonly [Tensor, Tensor]),
) =>
  module({
    self_attn,
    mlp: GemmaMLP(c),
    input_layernorm: gemmaNorm(c, c.hidden_size),
    post_attention_layernorm: gemmaNorm(c, c.hidden_size),
    pre_feedforward_layernorm: gemmaNorm(c, c.hidden_size),
    post_feedforward_layernorm: gemmaNorm(c, c.hidden_size),
  }).forward((m, added: Tensor, stream: Tensor | undefined, context: LayerContext) => {
    const before = m.input_layernorm(added, stream)
    const [attended, attentions] = m.self_attn(before.normalized, context)
    const after = m.pre_feedforward_layernorm(m.post_attention_layernorm(attended).normalized, before.sum)
    const fed = m.post_feedforward_layernorm(m.mlp(after.normalized)).normalized
    return { output: after.sum.add(fed), hidden: before.sum, added: fed, stream: after.sum, attentions }
  })

export const Gemma2Model = (c: Gemma2Config) =>
  module({
    embed_tokens: embedding(c.vocab_size, c.hidden_size, { padding: c.pad_token_id }),
    layers: Array.from({ length: c.num_hidden_layers }, (_, index) =>
      GemmaDecoderLayer(c, Gemma2Attention(c, index)),
    ),
    norm: gemmaNorm(c, c.hidden_size),
  }).forward((m, { input_ids, attention_mask }: DecoderInputs) => {
    const tables = rotaryTables('sequence', rotaryFrequencies(c))
    const contexts = causalMasks(attention_mask, slidingWindows(c)).map((mask) => ({ ...tables, mask }))
    const embeddings = m.embed_tokens(input_ids).mul(Math.sqrt(c.hidden_size))
    return decode(m.layers, m.norm, embeddings, contexts)
  })

export const Gemma2ForCausalLM = (c: Gemma2Config) => causalLM(c, Gemma2Model(c), c.final_logit_softcapping)
export const Gemma2ForSequenceClassification = (c: Gemma2Config) => sequenceClassification(c, Gemma2Model(c))
export const Gemma2ForTokenClassification = (c: Gemma2Config) => tokenClassification(c, Gemma2Model(c))

export const architecture: Architecture<Gemma2Config> = {
  config: Gemma2Config,
  base_model_prefix: 'model',
  inputs: decoderInputs,
  heads: {
    Model: Gemma2Model,
    ForCausalLM: Gemma2ForCausalLM,
    ForSequenceClassification: Gemma2ForSequenceClassification,
    ForTokenClassification: Gemma2ForTokenClassification,
  },
}
