/** @file The text half of Gemma 3 (https://arxiv.org/abs/2503.19786), as transformers' modeling_gemma3.py. */
import {
  additiveMask,
  arange,
  attention,
  embedding,
  LOWEST,
  linear,
  module,
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
  normHeads,
  sequenceClassification,
} from '../decoder'
import { slidingWindows } from '../decoder-configuration'
import { GemmaDecoderLayer, gemmaNorm } from '../gemma2/modeling'
import { sharedHeadsOf } from '../heads'
import { rotaryFrequencies } from '../rope'
import { Gemma3TextConfig } from './configuration'

const Gemma3Attention = (c: Gemma3TextConfig, index: number) => {
  const { queries, keys } = sharedHeadsOf(c, index)
  return module({
    q_proj: linear(c.hidden_size, queries, { bias: c.attention_bias }),
    k_proj: linear(c.hidden_size, keys, { bias: c.attention_bias }),
    v_proj: linear(c.hidden_size, keys, { bias: c.attention_bias }),
    o_proj: linear(queries, c.hidden_size, { bias: c.attention_bias }),
    q_norm: gemmaNorm(c, c.head_dim),
    k_norm: gemmaNorm(c, c.head_dim),
  }).forward((m, x: Tensor, { cos, sin, mask }: LayerContext) => {
    const [query, key] = [normHeads(m.q_norm, m.q_proj(x)), normHeads(m.k_norm, m.k_proj(x))]
    const { context, attentions } = attention(
      rotary(query, cos, sin, { heads: queries.kept.length }),
      rotary(key, cos, sin, { heads: keys.kept.length }),
      m.v_proj(x),
      {
        heads: queries.kept.length,
        keyValueHeads: keys.kept.length,
        scale: c.query_pre_attn_scalar ** -0.5,
        bias: mask,
        dropout: c.attention_dropout,
      },
    )
    return [m.o_proj(context), attentions] as const
  })
}

/** As causalMasks, but with sight of what comes after: for models that embed texts. */
function bidirectionalMasks(keep: Tensor, windows: readonly (number | undefined)[]): Tensor[] {
  const positions = arange('sequence')
  const distance = positions.unsqueeze(1).sub(positions.unsqueeze(0)) // query − key
  const all = additiveMask(keep)
  const near = (window: number) =>
    distance.less(window).where(distance.greater(-window).where(all, LOWEST), LOWEST)
  const masks = new Map([...new Set(windows)].map((window) => [window, window ? near(window) : all]))
  return windows.map((window) => masks.get(window)!)
}

/** Layers that see a window count positions with another theta than those that see all. */
export const Gemma3TextModel = (c: Gemma3TextConfig) =>
  module({
    embed_tokens: embedding(c.vocab_size, c.hidden_size, { padding: c.pad_token_id }),
    layers: Array.from({ length: c.num_hidden_layers }, (_, index) =>
      GemmaDecoderLayer(c, Gemma3Attention(c, index)),
    ),
    norm: gemmaNorm(c, c.hidden_size),
  }).forward((m, { input_ids, attention_mask }: DecoderInputs) => {
    const local = { ...c, rope_theta: c.rope_local_base_freq, rope_scaling: null }
    const tables = {
      full_attention: rotaryTables('sequence', rotaryFrequencies(c)),
      sliding_attention: rotaryTables('sequence', rotaryFrequencies(local)),
    }
    const masks = c.use_bidirectional_attention ? bidirectionalMasks : causalMasks
    const contexts = masks(attention_mask, slidingWindows(c)).map((mask, i) => ({
      ...tables[c.layer_types[i]!],
      mask,
    }))
    const embeddings = m.embed_tokens(input_ids).mul(Math.sqrt(c.hidden_size))
    return decode(m.layers, m.norm, embeddings, contexts)
  })

export const Gemma3ForCausalLM = (c: Gemma3TextConfig) =>
  causalLM(c, Gemma3TextModel(c), c.final_logit_softcapping)
export const Gemma3TextForSequenceClassification = (c: Gemma3TextConfig) =>
  sequenceClassification(c, Gemma3TextModel(c))

export const architecture: Architecture<Gemma3TextConfig> = {
  config: Gemma3TextConfig,
  base_model_prefix: 'model',
  inputs: decoderInputs,
  heads: {
    Model: Gemma3TextModel,
    ForCausalLM: Gemma3ForCausalLM,
    ForSequenceClassification: Gemma3TextForSequenceClassification,
  },
}
