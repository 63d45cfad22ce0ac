/** @file The layers of Wav2Vec2 and HuBERT, and the model that both are: frames of a sound, and what they have to do with each other. */
import {
  activations,
  additiveMask,
  attention,
  dropout,
  type HeadAxis,
  layerNorm,
  linear,
  module,
  parameter,
  type Tensor,
} from '@webformers/graph'
import { unlessDropped } from './encoder-decoder'
import { headsOf } from './heads'
import type { WaveformConfig as Config } from './waveform-configuration'
import { FeatureEncoder, FeatureProjection, frameMask, PositionalConvEmbedding } from './waveform-features'

export type WaveformInputs = Readonly<Record<'input_values' | 'attention_mask', Tensor>>

const Attention = (c: Config, heads: HeadAxis) =>
  module({
    k_proj: linear(c.hidden_size, heads),
    v_proj: linear(c.hidden_size, heads),
    q_proj: linear(c.hidden_size, heads),
    out_proj: linear(heads, c.hidden_size),
  }).forward((m, x: Tensor, bias: Tensor) => {
    const { context, attentions } = attention(m.q_proj(x), m.k_proj(x), m.v_proj(x), {
      heads: heads.kept.length,
      bias,
      dropout: c.attention_dropout,
    })
    return [dropout(m.out_proj(context), c.hidden_dropout), attentions] as const
  })

const FeedForward = (c: Config) =>
  module({
    intermediate_dense: linear(c.hidden_size, c.intermediate_size),
    output_dense: linear(c.intermediate_size, c.hidden_size),
  }).forward((m, x: Tensor) => {
    const inner = activations[c.hidden_act](m.intermediate_dense(x))
    return dropout(m.output_dense(dropout(inner, c.activation_dropout)), c.hidden_dropout)
  })

/** What a language adds to a layer that others share. */
const AttnAdapterLayer = (c: Config, size: number) =>
  module({
    norm: layerNorm(c.hidden_size, 1e-5),
    linear_1: linear(c.hidden_size, size),
    linear_2: linear(size, c.hidden_size),
  }).forward((m, x: Tensor) => m.linear_2(m.linear_1(m.norm(x)).relu()))

/** A layer that is normed behind each of its parts or, in the stable variant, before. */
function EncoderLayer(c: Config, index: number) {
  const { adapter_attn_dim: adapted } = c
  return module({
    attention: Attention(c, headsOf(c, index)),
    layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
    feed_forward: FeedForward(c),
    final_layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
    adapter_layer: c.do_stable_layer_norm && adapted ? AttnAdapterLayer(c, adapted) : undefined,
  }).forward((m, x: Tensor, bias: Tensor) => {
    const stable = c.do_stable_layer_norm
    const [attended, attentions] = m.attention(stable ? m.layer_norm(x) : x, bias)
    if (stable) {
      const sum = x.add(attended)
      const output = sum.add(m.feed_forward(m.final_layer_norm(sum)))
      return [m.adapter_layer ? output.add(m.adapter_layer(output)) : output, attentions] as const
    }
    const sum = m.layer_norm(attended, x)
    return [m.final_layer_norm(m.feed_forward(sum), sum), attentions] as const
  })
}

const Encoder = (c: Config) =>
  module({
    pos_conv_embed: PositionalConvEmbedding(c),
    layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
    layers: Array.from({ length: c.num_hidden_layers }, (_, index) => EncoderLayer(c, index)),
  }).forward((m, frames: Tensor, keep: Tensor) => {
    const stable = c.do_stable_layer_norm
    const heard = keep.unsqueeze(-1).equal(1).where(frames, 0)
    const placed = heard.add(m.pos_conv_embed(heard))
    let hidden = dropout(stable ? placed : m.layer_norm(placed), c.hidden_dropout)
    const bias = additiveMask(keep)
    const hidden_states = [hidden]
    const attentions: Tensor[] = []
    for (const layer of m.layers) {
      const [output, weights] = layer(hidden, bias)
      hidden = unlessDropped(output, hidden, c.layerdrop)
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    const last_hidden_state = stable ? m.layer_norm(hidden) : hidden
    return { last_hidden_state, hidden_states: hidden_states.with(-1, last_hidden_state), attentions }
  })

/** What is heard, and which of its frames count. */
export const WaveformModel = (c: Config) =>
  module({
    // Takes the place of frames that training hides.
    masked_spec_embed: c.mask_time_prob > 0 || c.mask_feature_prob > 0 ? parameter(c.hidden_size) : undefined,
    feature_extractor: FeatureEncoder(c),
    feature_projection: FeatureProjection(c),
    encoder: Encoder(c),
  }).forward((m, { input_values, attention_mask }: WaveformInputs) => {
    const frames = m.feature_extractor(input_values).transpose(0, 2, 1) // [batch, frames, channels]
    const keep = frameMask(c, attention_mask, frames)
    const { hidden, normed } = m.feature_projection(frames)
    return { ...m.encoder(hidden, keep), extract_features: normed, keep }
  })
