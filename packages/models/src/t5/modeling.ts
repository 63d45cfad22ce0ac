/** @file T5 (https://arxiv.org/abs/1910.10683) and T5 1.1, as transformers' modeling_t5.py. */
import {
  activations,
  additiveMask,
  attention,
  causalMask,
  dropout,
  embedding,
  gated,
  type HeadAxis,
  input,
  linear,
  module,
  rmsNorm,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { headsOf } from '../heads'
import { lastToken } from '../last-token'
import { ofHeads, relativePositionBuckets } from '../relative-position'
import { shiftRight } from '../shift-right'
import { T5Config } from './configuration'

/** UMT5's layers each have a table of position biases; T5's share that of the first. */
export type Config = T5Config & { readonly positionsInEachLayer?: boolean }

type EncoderInputs = Readonly<Record<'input_ids' | 'attention_mask', Tensor>>
type DecoderInputs = Readonly<Record<'decoder_input_ids' | 'decoder_attention_mask', Tensor>>

const T5LayerNorm = (c: Config) => {
  const norm = rmsNorm(c.d_model, c.layer_norm_epsilon)
  return module(norm.children).forward((_, x: Tensor) => norm(x).normalized)
}

const T5DenseActDense = (c: Config) =>
  module({
    wi: linear(c.d_model, c.d_ff, { bias: false }),
    wo: linear(c.d_ff, c.d_model, { bias: false }),
  }).forward((m, x: Tensor) => m.wo(dropout(activations[c.dense_act_fn](m.wi(x)), c.dropout_rate)))

const T5DenseGatedActDense = (c: Config) =>
  module({
    wi_0: linear(c.d_model, c.d_ff, { bias: false }),
    wi_1: linear(c.d_model, c.d_ff, { bias: false }),
    wo: linear(c.d_ff, c.d_model, { bias: false }),
  }).forward((m, x: Tensor) => m.wo(dropout(gated(c.dense_act_fn, m.wi_0(x), m.wi_1(x)), c.dropout_rate)))

const T5LayerFF = (c: Config) =>
  module({
    DenseReluDense: c.is_gated_act ? T5DenseGatedActDense(c) : T5DenseActDense(c),
    layer_norm: T5LayerNorm(c),
  }).forward((m, x: Tensor) => x.add(dropout(m.DenseReluDense(m.layer_norm(x)), c.dropout_rate)))

/** Attention over `states`; its scores are not scaled. */
const T5Attention = (c: Config, heads: HeadAxis, { positions = false } = {}) =>
  module({
    q: linear(c.d_model, heads, { bias: false }),
    k: linear(c.d_model, heads, { bias: false }),
    v: linear(c.d_model, heads, { bias: false }),
    o: linear(heads, c.d_model, { bias: false }),
    // Of all heads, pruned or not, for the other layers.
    relative_attention_bias: positions ? embedding(c.relative_attention_num_buckets, c.num_heads) : undefined,
  }).forward((m, x: Tensor, states: Tensor, bias: Tensor) => {
    const { context, attentions } = attention(m.q(x), m.k(states), m.v(states), {
      heads: heads.kept.length,
      scale: 1,
      bias,
      dropout: c.dropout_rate,
    })
    return [dropout(m.o(context), c.dropout_rate), attentions] as const
  })

const T5LayerSelfAttention = (c: Config, index: number, heads: HeadAxis) =>
  module({
    SelfAttention: T5Attention(c, heads, { positions: index === 0 || c.positionsInEachLayer }),
    layer_norm: T5LayerNorm(c),
  }).forward((m, x: Tensor, bias: Tensor) => {
    const normed = m.layer_norm(x)
    const [attended, attentions] = m.SelfAttention(normed, normed, ofHeads(bias, heads))
    return [x.add(attended), attentions] as const
  })

const T5LayerCrossAttention = (c: Config, heads: HeadAxis) =>
  module({ EncDecAttention: T5Attention(c, heads), layer_norm: T5LayerNorm(c) }).forward(
    (m, x: Tensor, states: Tensor, bias: Tensor) => {
      const [attended, attentions] = m.EncDecAttention(m.layer_norm(x), states, bias)
      return [x.add(attended), attentions] as const
    },
  )

const T5EncoderBlock = (c: Config, index: number) =>
  module({
    layer: [T5LayerSelfAttention(c, index, headsOf(c, index, { size: c.d_kv })), T5LayerFF(c)] as const,
  }).forward(({ layer: [selfAttention, feedForward] }, x: Tensor, bias: Tensor) => {
    const [attended, attentions] = selfAttention(x, bias)
    return [feedForward(attended), attentions] as const
  })

const T5DecoderBlock = (c: Config, index: number) =>
  module({
    layer: [
      T5LayerSelfAttention(c, index, headsOf(c, index, { stack: 'decoder', size: c.d_kv })),
      T5LayerCrossAttention(c, headsOf(c, index, { stack: 'cross', size: c.d_kv })),
      T5LayerFF(c),
    ] as const,
  }).forward(
    ({ layer: [selfAttention, crossAttention, feedForward] }, x: Tensor, bias: Tensor, encoded: Encoded) => {
      const [attended, attentions] = selfAttention(x, bias)
      const [informed, crossAttentions] = crossAttention(attended, encoded.states, encoded.mask)
      return [feedForward(informed), attentions, crossAttentions] as const
    },
  )

/** What a decoder reads of an encoder. */
interface Encoded {
  readonly states: Tensor
  readonly mask: Tensor
}

/** What the distance of each pair of tokens adds to their scores, by layer: [heads, sequence, keys], none without a table. */
function positionBiases(
  blocks: readonly (ReturnType<typeof T5EncoderBlock> | ReturnType<typeof T5DecoderBlock>)[],
  c: Config,
  { dim, bidirectional }: { dim: string; bidirectional: boolean },
): (Tensor | undefined)[] {
  const buckets = relativePositionBuckets(dim, {
    count: c.relative_attention_num_buckets,
    maxDistance: c.relative_attention_max_distance,
    bidirectional,
  })
  return blocks.map((block) => {
    const table = block.children.layer[0].children.SelfAttention.children.relative_attention_bias
    return table?.(buckets).transpose(2, 0, 1)
  })
}

type Embedding = ReturnType<typeof embedding>

const T5Encoder = (c: Config, embed_tokens: Embedding) =>
  module({
    embed_tokens,
    block: Array.from({ length: c.num_layers }, (_, index) => T5EncoderBlock(c, index)),
    final_layer_norm: T5LayerNorm(c),
  }).forward((m, { input_ids, attention_mask }: EncoderInputs) => {
    const mask = additiveMask(attention_mask)
    const biases = positionBiases(m.block, c, { dim: 'sequence', bidirectional: true })
    let bias = mask
    let hidden = dropout(m.embed_tokens(input_ids), c.dropout_rate)
    const hidden_states = [hidden]
    const attentions: Tensor[] = []
    for (const [index, block] of m.block.entries()) {
      const own = biases[index]
      if (own) bias = mask.add(own)
      const [next, weights] = block(hidden, bias)
      hidden = next
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    const last_hidden_state = dropout(m.final_layer_norm(hidden), c.dropout_rate)
    return { last_hidden_state, hidden_states: hidden_states.with(-1, last_hidden_state), attentions }
  })

const T5Decoder = (c: Config, embed_tokens: Embedding) =>
  module({
    embed_tokens,
    block: Array.from({ length: c.num_decoder_layers }, (_, index) => T5DecoderBlock(c, index)),
    final_layer_norm: T5LayerNorm(c),
  }).forward((m, ids: Tensor, keep: Tensor, encoded: Encoded) => {
    const dim = String(ids.shape[1])
    const mask = causalMask(keep)
    const biases = positionBiases(m.block, c, { dim, bidirectional: false })
    let bias = mask
    let hidden = dropout(m.embed_tokens(ids), c.dropout_rate)
    const hidden_states = [hidden]
    const attentions: Tensor[] = []
    const cross_attentions: Tensor[] = []
    for (const [index, block] of m.block.entries()) {
      const own = biases[index]
      if (own) bias = mask.add(own)
      const [next, weights, crossWeights] = block(hidden, bias, encoded)
      hidden = next
      hidden_states.push(hidden)
      attentions.push(weights)
      cross_attentions.push(crossWeights)
    }
    const last_hidden_state = dropout(m.final_layer_norm(hidden), c.dropout_rate)
    return {
      last_hidden_state,
      decoder_hidden_states: hidden_states.with(-1, last_hidden_state),
      decoder_attentions: attentions,
      cross_attentions,
    }
  })

export const T5Model = (c: Config) => {
  const shared = embedding(c.vocab_size, c.d_model)
  return module({ shared, encoder: T5Encoder(c, shared), decoder: T5Decoder(c, shared) }).forward(
    (m, inputs: EncoderInputs & DecoderInputs) => {
      const { last_hidden_state: states, hidden_states, attentions } = m.encoder(inputs)
      const encoded = { states, mask: additiveMask(inputs.attention_mask) }
      return {
        ...m.decoder(inputs.decoder_input_ids, inputs.decoder_attention_mask, encoded),
        encoder_last_hidden_state: states,
        encoder_hidden_states: hidden_states,
        encoder_attentions: attentions,
      }
    },
  )
}

export const T5EncoderModel = (c: Config) => {
  const shared = embedding(c.vocab_size, c.d_model)
  return module({ shared, encoder: T5Encoder(c, shared) }).forward((m, inputs: EncoderInputs) =>
    m.encoder(inputs),
  )
}

export const T5ForConditionalGeneration = (c: Config) => {
  const model = T5Model(c)
  const tied = c.tie_word_embeddings ? model.children.shared.children.weight : undefined
  const lm_head = linear(c.d_model, c.vocab_size, { bias: false, tied })
  return module({ ...model.children, lm_head }).forward((m, inputs: EncoderInputs & DecoderInputs) => {
    const { last_hidden_state, ...rest } = model(inputs)
    const scaled = c.tie_word_embeddings ? last_hidden_state.mul(c.d_model ** -0.5) : last_hidden_state
    return { logits: m.lm_head(scaled), ...rest }
  })
}

const T5ClassificationHead = (c: Config) =>
  module({
    dense: linear(c.d_model, c.d_model),
    out_proj: linear(c.d_model, c.num_labels),
  }).forward((m, x: Tensor) => {
    const hidden = m.dense(dropout(x, c.classifier_dropout)).tanh()
    return m.out_proj(dropout(hidden, c.classifier_dropout))
  })

/** What the decoder reads where it is not given: the encoder's ids, one place to the right. */
const decoderInputs = ({ input_ids, attention_mask }: EncoderInputs, c: T5Config) => ({
  input_ids,
  attention_mask,
  decoder_input_ids: shiftRight(input_ids, c.decoder_start_token_id ?? c.pad_token_id),
  decoder_attention_mask: attention_mask.mul(0).add(1), // all of it counts, padding too
})

/** The last end-of-sequence token stands for the text. */
export const T5ForSequenceClassification = (c: Config) =>
  module({ transformer: T5Model(c), classification_head: T5ClassificationHead(c) }).forward(
    (m, inputs: EncoderInputs) => {
      const { last_hidden_state, ...rest } = m.transformer(decoderInputs(inputs, c))
      const ends = inputs.input_ids.equal(c.eos_token_id).cast('int32')
      return { logits: m.classification_head(lastToken(last_hidden_state, ends)), ...rest }
    },
  )

export const T5ForTokenClassification = (c: Config) =>
  module({ transformer: T5EncoderModel(c), classifier: linear(c.d_model, c.num_labels) }).forward(
    (m, inputs: EncoderInputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.transformer(inputs)
      const tokens = dropout(last_hidden_state, c.classifier_dropout)
      return { logits: m.classifier(tokens), hidden_states, attentions }
    },
  )

export const T5ForQuestionAnswering = (c: Config) => {
  const model = T5Model(c)
  return module({ ...model.children, qa_outputs: linear(c.d_model, c.num_labels) }).forward(
    (m, inputs: EncoderInputs) => {
      const { last_hidden_state, ...rest } = model(decoderInputs(inputs, c))
      const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
      return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), ...rest }
    },
  )
}

/** A text for the encoder and, where the decoder is given another, one for it. */
function inputs(head: Head) {
  const text = (prefix: string) => ({
    [`${prefix}input_ids`]: input(['batch', `${prefix}sequence`], 'int32'),
    [`${prefix}attention_mask`]: input(['batch', `${prefix}sequence`], 'int32'),
  })
  const decoder = head === 'Model' || head === 'ForConditionalGeneration'
  return { ...text(''), ...(decoder && text('decoder_')) }
}

export const architecture: Architecture<T5Config> = {
  config: T5Config,
  base_model_prefix: 'transformer',
  inputs,
  heads: {
    Model: T5Model,
    EncoderModel: T5EncoderModel,
    ForConditionalGeneration: T5ForConditionalGeneration,
    ForSequenceClassification: T5ForSequenceClassification,
    ForTokenClassification: T5ForTokenClassification,
    ForQuestionAnswering: T5ForQuestionAnswering,
  },
}
