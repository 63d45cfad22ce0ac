/** @file The transformer of DETR: an encoder over the places of a feature map, and a decoder whose queries become objects. */
import {
  activations,
  additiveMask,
  attention,
  constant,
  dropout,
  layerNorm,
  linear,
  module,
  type Tensor,
} from '@webformers/graph'
import { unlessDropped } from '../encoder-decoder'
import { headsOf, type Stack } from '../heads'
import type { DetrConfig } from './configuration'

/** `torch.nn.LayerNorm` as it is where nobody says how small a variance may be. */
const norm = (c: DetrConfig) => layerNorm(c.d_model, 1e-5)

/** What queries look at: states, where each of them lies, and which of them count. */
interface Source {
  readonly states: Tensor
  readonly positions: Tensor
  readonly mask?: Tensor
}

/** Positions are added to what is compared, not to what is taken over. */
const DetrAttention = (c: DetrConfig, index: number, stack: Stack) => {
  const count = stack === 'encoder' ? c.encoder_attention_heads : c.decoder_attention_heads
  const heads = headsOf(c, index, { stack, size: c.d_model / count })
  return module({
    k_proj: linear(c.d_model, heads),
    v_proj: linear(c.d_model, heads),
    q_proj: linear(c.d_model, heads),
    out_proj: linear(heads, c.d_model),
  }).forward((m, x: Tensor, positions: Tensor, source: Source = { states: x, positions }) => {
    const keys = m.k_proj(source.states.add(source.positions))
    const { context, attentions } = attention(m.q_proj(x.add(positions)), keys, m.v_proj(source.states), {
      heads: heads.kept.length,
      bias: source.mask,
      dropout: c.attention_dropout,
    })
    return [m.out_proj(context), attentions] as const
  })
}

const feedForward = (c: DetrConfig, inner: number) => ({
  fc1: linear(c.d_model, inner),
  fc2: linear(inner, c.d_model),
  final_layer_norm: norm(c),
})

function feed(c: DetrConfig, m: ReturnType<typeof feedForward>, x: Tensor): Tensor {
  const inner = dropout(activations[c.activation_function](m.fc1(x)), c.activation_dropout)
  return m.final_layer_norm(dropout(m.fc2(inner), c.dropout), x)
}

const DetrEncoderLayer = (c: DetrConfig, index: number) =>
  module({
    self_attn: DetrAttention(c, index, 'encoder'),
    self_attn_layer_norm: norm(c),
    ...feedForward(c, c.encoder_ffn_dim),
  }).forward((m, x: Tensor, positions: Tensor, mask: Tensor) => {
    const [context, attentions] = m.self_attn(x, positions, { states: x, positions, mask })
    const states = m.self_attn_layer_norm(dropout(context, c.dropout), x)
    return [feed(c, m, states), attentions] as const
  })

const DetrDecoderLayer = (c: DetrConfig, index: number) =>
  module({
    self_attn: DetrAttention(c, index, 'decoder'),
    self_attn_layer_norm: norm(c),
    encoder_attn: DetrAttention(c, index, 'cross'),
    encoder_attn_layer_norm: norm(c),
    ...feedForward(c, c.decoder_ffn_dim),
  }).forward((m, x: Tensor, queries: Tensor, source: Source) => {
    const [context, attentions] = m.self_attn(x, queries)
    const states = m.self_attn_layer_norm(dropout(context, c.dropout), x)
    const [found, crossAttentions] = m.encoder_attn(states, queries, source)
    const informed = m.encoder_attn_layer_norm(dropout(found, c.dropout), states)
    return [feed(c, m, informed), attentions, crossAttentions] as const
  })

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** `features` [batch, places, size] with where each of them lies; `keep` [batch, places] says which are no padding. */
export const DetrEncoder = (c: DetrConfig) =>
  module({ layers: times(c.encoder_layers, (index) => DetrEncoderLayer(c, index)) }).forward(
    ({ layers }, features: Tensor, positions: Tensor, keep: Tensor) => {
      const mask = additiveMask(keep)
      let hidden = dropout(features, c.dropout)
      const hidden_states = [hidden]
      const attentions: Tensor[] = []
      for (const layer of layers) {
        const [output, weights] = layer(hidden, positions, mask)
        hidden = unlessDropped(output, hidden, c.encoder_layerdrop)
        hidden_states.push(hidden)
        attentions.push(weights)
      }
      return { last_hidden_state: hidden, hidden_states, attentions }
    },
  )

/** `queries` [batch, queries, size], which begin as nothing but their places, and what they find in the encoder's states.
 * Where losses of single layers are wanted, Python goes on with what it normed for them. */
export const DetrDecoder = (c: DetrConfig) =>
  module({
    layers: times(c.decoder_layers, (index) => DetrDecoderLayer(c, index)),
    layernorm: norm(c),
  }).forward((m, queries: Tensor, states: Tensor, positions: Tensor, keep: Tensor) => {
    const source = { states, positions, mask: additiveMask(keep) }
    let hidden = constant([0], [1, 1, 1]).expand(...queries.shape)
    const hidden_states = [hidden]
    const intermediate: Tensor[] = []
    const attentions: Tensor[] = []
    const cross_attentions: Tensor[] = []
    for (const layer of m.layers) {
      const [output, weights, crossWeights] = layer(hidden, queries, source)
      hidden = unlessDropped(output, hidden, c.decoder_layerdrop)
      if (c.auxiliary_loss) {
        hidden = m.layernorm(hidden)
        intermediate.push(hidden)
      }
      hidden_states.push(hidden)
      attentions.push(weights)
      cross_attentions.push(crossWeights)
    }
    const last_hidden_state = m.layernorm(hidden)
    return {
      last_hidden_state,
      hidden_states: hidden_states.with(-1, last_hidden_state),
      intermediate,
      attentions,
      cross_attentions,
    }
  })
