/** @file Llama (https://arxiv.org/abs/2302.13971), as transformers' modeling_llama.py. */
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
import type { PretrainedConfig } from '../configuration'
import {
  causalLM,
  causalMasks,
  type DecoderInputs,
  decode,
  decoderInputs,
  type LayerContext,
  questionAnswering,
  sequenceClassification,
  tokenClassification,
} from '../decoder'
import { sharedHeadsOf } from '../heads'
import { type RopeConfig, rotaryFrequencies } from '../rope'
import { LlamaConfig } from './configuration'

/** What these blocks read of a configuration: Llama's, and those of its relatives. */
export interface LlamaBlocks extends RopeConfig, Pick<PretrainedConfig, 'model_type' | 'pruned_heads'> {
  readonly vocab_size: number
  readonly pad_token_id: number | null
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_key_value_heads: number
  readonly head_dim: number
  readonly hidden_act: Activation
  readonly rms_norm_eps: number
  readonly attention_dropout: number
}

/** What attention gives a layer: its output and, for those who ask, its maps. */
type SelfAttention = Module & ((x: Tensor, context: LayerContext) => readonly [Tensor, Tensor])

export const LlamaAttention = (
  c: LlamaBlocks,
  index: number,
  bias: { readonly qkv: boolean; readonly o: boolean },
) => {
  const { queries, keys } = sharedHeadsOf(c, index)
  return module({
    q_proj: linear(c.hidden_size, queries, { bias: bias.qkv }),
    k_proj: linear(c.hidden_size, keys, { bias: bias.qkv }),
    v_proj: linear(c.hidden_size, keys, { bias: bias.qkv }),
    o_proj: linear(queries, c.hidden_size, { bias: bias.o }),
  }).forward((m, x: Tensor, { cos, sin, mask }: LayerContext) => {
    const query = rotary(m.q_proj(x), cos, sin, { heads: queries.kept.length })
    const key = rotary(m.k_proj(x), cos, sin, { heads: keys.kept.length })
    const { context, attentions } = attention(query, key, m.v_proj(x), {
      heads: queries.kept.length,
      keyValueHeads: keys.kept.length,
      bias: mask,
      dropout: c.attention_dropout,
    })
    return [m.o_proj(context), attentions] as const
  })
}

export const LlamaMLP = (c: LlamaBlocks, { bias = false } = {}) =>
  module({
    gate_proj: linear(c.hidden_size, c.intermediate_size, { bias }),
    up_proj: linear(c.hidden_size, c.intermediate_size, { bias }),
    down_proj: linear(c.intermediate_size, c.hidden_size, { bias }),
  }).forward((m, x: Tensor) => m.down_proj(gated(c.hidden_act, m.gate_proj(x), m.up_proj(x))))

export const LlamaDecoderLayer = (
  c: LlamaBlocks,
  self_attn: SelfAttention,
  mlp: Module & ((x: Tensor) => Tensor) = LlamaMLP(c),
) =>
  module({
    self_attn,
    mlp,
    input_layernorm: rmsNorm(c.hidden_size, c.rms_norm_eps),
    post_attention_layernorm: rmsNorm(c.hidden_size, c.rms_norm_eps),
  }).forward((m, added: Tensor, stream: Tensor | undefined, context: LayerContext) => {
    const before = m.input_layernorm(added, stream)
    const [attended, attentions] = m.self_attn(before.normalized, context)
    const after = m.post_attention_layernorm(attended, before.sum)
    const fed = m.mlp(after.normalized)
    return { output: after.sum.add(fed), hidden: before.sum, added: fed, stream: after.sum, attentions }
  })

/** What the first layer reads of the words of a text, which something else may be put among. */
type Merge = (words: Tensor) => Tensor

/** Token embeddings, layers, a last norm; the window of each layer, where it has one, is given. */
export const llamaModel = (
  c: LlamaBlocks,
  layer: (index: number) => ReturnType<typeof LlamaDecoderLayer>,
  windows: readonly (number | undefined)[] = Array.from({ length: c.num_hidden_layers }, () => undefined),
) =>
  module({
    embed_tokens: embedding(c.vocab_size, c.hidden_size, { padding: c.pad_token_id }),
    layers: Array.from({ length: c.num_hidden_layers }, (_, index) => layer(index)),
    norm: rmsNorm(c.hidden_size, c.rms_norm_eps),
  }).forward((m, { input_ids, attention_mask }: DecoderInputs, merged: Merge = (words) => words) => {
    const tables = rotaryTables('sequence', rotaryFrequencies(c))
    const contexts = causalMasks(attention_mask, windows).map((mask) => ({ ...tables, mask }))
    return decode(m.layers, m.norm, merged(m.embed_tokens(input_ids)), contexts)
  })

export const LlamaModel = (c: LlamaConfig) => {
  const bias = { qkv: c.attention_bias, o: c.attention_bias }
  return llamaModel(c, (index) =>
    LlamaDecoderLayer(c, LlamaAttention(c, index, bias), LlamaMLP(c, { bias: c.mlp_bias })),
  )
}
export const LlamaForCausalLM = (c: LlamaConfig) => causalLM(c, LlamaModel(c))
export const LlamaForSequenceClassification = (c: LlamaConfig) => sequenceClassification(c, LlamaModel(c))
export const LlamaForTokenClassification = (c: LlamaConfig) => tokenClassification(c, LlamaModel(c))
export const LlamaForQuestionAnswering = (c: LlamaConfig) =>
  questionAnswering(c, LlamaModel(c), 'transformer')

export const architecture: Architecture<LlamaConfig> = {
  config: LlamaConfig,
  base_model_prefix: 'model',
  inputs: decoderInputs,
  heads: {
    Model: LlamaModel,
    ForCausalLM: LlamaForCausalLM,
    ForSequenceClassification: LlamaForSequenceClassification,
    ForTokenClassification: LlamaForTokenClassification,
    ForQuestionAnswering: LlamaForQuestionAnswering,
  },
}
