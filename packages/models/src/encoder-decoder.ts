/** @file The layers of BART and its relatives, and stacks of them. What differs from one to the other is where layers are normed
 * and what comes before the first. */
import {
  activations,
  additiveMask,
  attention,
  causalMask,
  dropout,
  embedding,
  type HeadAxis,
  layerNorm,
  limit,
  linear,
  module,
  places,
  scope,
  type Tensor,
} from '@webformers/graph'
import type { EncoderDecoderConfig as Config, PositionsConfig } from './encoder-decoder-configuration'
import { headsOf, type Stack } from './heads'

/** Where a layer is normed: before each of its parts, or after what the part gave was added. */
export type Norms = 'before' | 'after'
type Norm = ReturnType<typeof layerNorm>
export type Embedding = ReturnType<typeof embedding>

/** What a decoder reads of an encoder. */
export interface Encoded {
  readonly states: Tensor
  /** Which of them count, [batch, keys]; all of them where it is left out. */
  readonly keep?: Tensor
}

/** `torch.nn.LayerNorm` as it is where nobody says how small a variance may be. */
export const norm = (c: Config) => layerNorm(c.d_model, 1e-5)

/** The table of words; a decoder may have one of its own. */
export const wordEmbedding = (c: Config, count = c.vocab_size) =>
  embedding(count, c.d_model, { padding: c.pad_token_id })

/** Words, scaled where the model says so. */
export const embed = (c: Config, table: Embedding, ids: Tensor): Tensor =>
  c.scale_embedding ? table(ids).mul(Math.sqrt(c.d_model)) : table(ids)

/** The first two rows of a table of positions are never read. */
const OFFSET = 2

export const positionEmbedding = (c: PositionsConfig) =>
  embedding(c.max_position_embeddings + OFFSET, c.d_model)

/** The rows of that table that the tokens along a dimension read: padding counts as a token. */
export const positionsOf = (c: PositionsConfig, dim: string): Tensor =>
  limit(places(dim).queries.reshape(dim).add(OFFSET), 0, c.max_position_embeddings)

const heads = (c: Config, index: number, stack: Stack): HeadAxis => {
  const count = stack === 'encoder' ? c.encoder_attention_heads : c.decoder_attention_heads
  return headsOf(c, index, { stack, size: c.d_model / count })
}

/** What may differ in the layers of one family. */
interface LayerOptions {
  /** Whether keys have a bias, which softmax does not see. */
  readonly keyBias?: boolean
  /** How wide what a decoder looks at is; by default as wide as it is itself. */
  readonly crossWidth?: number
}

const Attention = (
  c: Config,
  index: number,
  stack: Stack,
  { keyBias = true, crossWidth = c.d_model }: LayerOptions,
) => {
  const rows = heads(c, index, stack)
  const width = stack === 'cross' ? crossWidth : c.d_model
  return module({
    k_proj: linear(width, rows, { bias: keyBias }),
    v_proj: linear(width, rows),
    q_proj: linear(c.d_model, rows),
    out_proj: linear(rows, c.d_model),
  }).forward((m, x: Tensor, states: Tensor, mask: Tensor | undefined) => {
    const { context, attentions } = attention(m.q_proj(x), m.k_proj(states), m.v_proj(states), {
      heads: rows.kept.length,
      bias: mask,
      dropout: c.attention_dropout,
    })
    return [m.out_proj(context), attentions] as const
  })
}

/** What a part of a layer reads of `x`. */
const before = (norms: Norms, norm: Norm, x: Tensor) => (norms === 'before' ? norm(x) : x)

/** `x` with what the part gave. */
const after = (norms: Norms, norm: Norm, x: Tensor, part: Tensor) =>
  norms === 'before' ? x.add(part) : norm(part, x)

const feedForward = (c: Config, inner: number) => ({
  fc1: linear(c.d_model, inner),
  fc2: linear(inner, c.d_model),
  final_layer_norm: norm(c),
})

function feed(c: Config, norms: Norms, m: ReturnType<typeof feedForward>, x: Tensor): Tensor {
  const inner = activations[c.activation_function](m.fc1(before(norms, m.final_layer_norm, x)))
  const output = m.fc2(dropout(inner, c.activation_dropout))
  return after(norms, m.final_layer_norm, x, dropout(output, c.dropout))
}

const EncoderLayer = (c: Config, index: number, norms: Norms, options: LayerOptions) =>
  module({
    self_attn: Attention(c, index, 'encoder', options),
    self_attn_layer_norm: norm(c),
    ...feedForward(c, c.encoder_ffn_dim),
  }).forward((m, x: Tensor, mask: Tensor | undefined) => {
    const read = before(norms, m.self_attn_layer_norm, x)
    const [context, attentions] = m.self_attn(read, read, mask)
    const states = after(norms, m.self_attn_layer_norm, x, dropout(context, c.dropout))
    return [feed(c, norms, m, states), attentions] as const
  })

/** What a decoder's layer reads of an encoder, and where it may look. */
interface Source {
  readonly states: Tensor
  readonly mask: Tensor | undefined
}

/** A decoder that reads no encoder leaves out what looks at it. */
const DecoderLayer = (c: Config, index: number, norms: Norms, options: LayerOptions) =>
  module({
    self_attn: Attention(c, index, 'decoder', options),
    self_attn_layer_norm: norm(c),
    encoder_attn: Attention(c, index, 'cross', options),
    encoder_attn_layer_norm: norm(c),
    ...feedForward(c, c.decoder_ffn_dim),
  }).forward((m, x: Tensor, mask: Tensor, source?: Source) => {
    const read = before(norms, m.self_attn_layer_norm, x)
    const [context, attentions] = m.self_attn(read, read, mask)
    const states = after(norms, m.self_attn_layer_norm, x, dropout(context, c.dropout))
    if (!source) return [feed(c, norms, m, states), attentions, undefined] as const
    const query = before(norms, m.encoder_attn_layer_norm, states)
    const [found, crossAttentions] = m.encoder_attn(query, source.states, source.mask)
    const informed = after(norms, m.encoder_attn_layer_norm, states, dropout(found, c.dropout))
    return [feed(c, norms, m, informed), attentions, crossAttentions] as const
  })

export const encoderLayers = (c: Config, norms: Norms, options: LayerOptions = {}) =>
  Array.from({ length: c.encoder_layers }, (_, index) => EncoderLayer(c, index, norms, options))

export const decoderLayers = (c: Config, norms: Norms, options: LayerOptions = {}) =>
  Array.from({ length: c.decoder_layers }, (_, index) => DecoderLayer(c, index, norms, options))

/** What a layer gave, or what it was given, where training skips it. */
export function unlessDropped(output: Tensor, x: Tensor, probability: number): Tensor {
  const drawn = probability === 0 ? undefined : scope().dropout?.([1], probability)
  return drawn ? drawn.greater(0).where(output, x) : output
}

/** All layers over embeddings; where the last is followed by a norm, the last hidden state is normed, too.
 * @param keep which of them count, [batch, sequence]; all where there is none */
export function encode(
  c: Config,
  layers: ReturnType<typeof encoderLayers>,
  embeddings: Tensor,
  keep: Tensor | undefined,
  last: (x: Tensor) => Tensor = (x) => x,
) {
  const mask = keep && additiveMask(keep)
  let hidden = dropout(embeddings, c.dropout)
  const hidden_states = [hidden]
  const attentions: Tensor[] = []
  for (const layer of layers) {
    const [output, weights] = layer(hidden, mask)
    hidden = unlessDropped(output, hidden, c.encoder_layerdrop)
    hidden_states.push(hidden)
    attentions.push(weights)
  }
  const last_hidden_state = last(hidden)
  return { last_hidden_state, hidden_states: hidden_states.with(-1, last_hidden_state), attentions }
}

export function decode(
  c: Config,
  layers: ReturnType<typeof decoderLayers>,
  embeddings: Tensor,
  keep: Tensor,
  encoded: Encoded | undefined,
  last: (x: Tensor) => Tensor = (x) => x,
) {
  const mask = causalMask(keep)
  const source = encoded && { states: encoded.states, mask: encoded.keep && additiveMask(encoded.keep) }
  let hidden = dropout(embeddings, c.dropout)
  const hidden_states = [hidden]
  const attentions: Tensor[] = []
  const cross_attentions: Tensor[] = []
  for (const layer of layers) {
    const [output, weights, crossWeights] = layer(hidden, mask, source)
    hidden = unlessDropped(output, hidden, c.decoder_layerdrop)
    hidden_states.push(hidden)
    attentions.push(weights)
    if (crossWeights) cross_attentions.push(crossWeights)
  }
  const last_hidden_state = last(hidden)
  return {
    last_hidden_state,
    hidden_states: hidden_states.with(-1, last_hidden_state),
    attentions,
    ...(encoded && { cross_attentions }),
  }
}
