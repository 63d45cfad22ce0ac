/** @file BLIP's texts, as transformers' modeling_blip_text.py: BERT's layers, each of which also looks at what an encoder saw. */
import {
  activations,
  attention,
  dropout,
  embedding,
  type HeadAxis,
  layerNorm,
  linear,
  module,
  places,
  positions,
  scalar,
  type Tensor,
} from '@webformers/graph'
import { BertLMPredictionHead, BertPooler } from '../bert/modeling'
import { headsOf, type PrunedHeads, type Stack } from '../heads'
import type { BlipTextConfig } from './configuration'

/** A text's configuration, and the heads that the whole model has pruned. */
export interface TextPart {
  readonly config: BlipTextConfig
  readonly pruned_heads: PrunedHeads
  /** The stack that its attentions to the text itself are, and that of those to the encoder, where these can be pruned. */
  readonly own: Stack
  readonly cross?: Stack
}

export interface TextInputs {
  readonly ids: Tensor
  readonly keep: Tensor
  /** What an encoder found, [batch, keys, width]. */
  readonly states?: Tensor
}

const BlipTextEmbeddings = (c: BlipTextConfig) =>
  module({
    word_embeddings: embedding(c.vocab_size, c.hidden_size, { padding: c.pad_token_id }),
    position_embeddings: embedding(c.max_position_embeddings, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, ids: Tensor) => {
    const places = m.position_embeddings(positions(String(ids.shape[1])))
    return dropout(m.LayerNorm(m.word_embeddings(ids).add(places)), c.hidden_dropout_prob)
  })

const BlipTextSelfAttention = (c: BlipTextConfig, heads: HeadAxis, width: number) =>
  module({
    query: linear(c.hidden_size, heads),
    key: linear(width, heads),
    value: linear(width, heads),
  }).forward(({ query, key, value }, x: Tensor, states: Tensor, bias?: Tensor) =>
    attention(query(x), key(states), value(states), {
      heads: heads.kept.length,
      bias,
      dropout: c.attention_probs_dropout_prob,
    }),
  )

const BlipTextSelfOutput = (c: BlipTextConfig, heads: HeadAxis) =>
  module({
    dense: linear(heads, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

/** Attention to `states` [batch, keys, width]: those of the text itself or those of an encoder. */
const BlipTextAttention = (c: BlipTextConfig, heads: HeadAxis, width: number) =>
  module({
    self: BlipTextSelfAttention(c, heads, width),
    output: BlipTextSelfOutput(c, heads),
  }).forward((m, x: Tensor, states: Tensor, bias?: Tensor) => {
    const { context, attentions } = m.self(x, states, bias)
    return [m.output(context, x), attentions] as const
  })

const BlipTextIntermediate = (c: BlipTextConfig) =>
  module({ dense: linear(c.hidden_size, c.intermediate_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.hidden_act](dense(x)),
  )

const BlipTextOutput = (c: BlipTextConfig) =>
  module({
    dense: linear(c.intermediate_size, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

const BlipTextLayer = ({ config: c, pruned_heads, own, cross }: TextPart, index: number) => {
  const heads = (stack: Stack | undefined) =>
    headsOf({ ...c, pruned_heads: stack ? pruned_heads : {} }, index, { stack: stack ?? own })
  return module({
    attention: BlipTextAttention(c, heads(own), c.hidden_size),
    crossattention: BlipTextAttention(c, heads(cross), c.encoder_hidden_size),
    intermediate: BlipTextIntermediate(c),
    output: BlipTextOutput(c),
  }).forward((m, x: Tensor, bias: Tensor, states?: Tensor) => {
    const [attended, attentions] = m.attention(x, x, bias)
    const [informed, crossAttentions] = states ? m.crossattention(attended, states) : [attended]
    return [m.output(m.intermediate(informed), informed), attentions, crossAttentions] as const
  })
}

const BlipTextEncoder = (part: TextPart) =>
  module({
    layer: Array.from({ length: part.config.num_hidden_layers }, (_, index) => BlipTextLayer(part, index)),
  }).forward(({ layer }, embeddings: Tensor, bias: Tensor, states?: Tensor) => {
    const hidden_states = [embeddings]
    const attentions: Tensor[] = []
    const cross_attentions: Tensor[] = []
    let hidden = embeddings
    for (const each of layer) {
      const [output, weights, crossWeights] = each(hidden, bias, states)
      hidden = output
      hidden_states.push(hidden)
      attentions.push(weights)
      if (crossWeights) cross_attentions.push(crossWeights)
    }
    return { last_hidden_state: hidden, hidden_states, attentions, cross_attentions }
  })

/** What is hidden counts a little, as in Python: in a row that may see nothing, scores still tell keys apart. */
const HIDDEN = -10000

/** What is added to scores where a text may not look. */
function biasOf(keep: Tensor, causal: boolean): Tensor {
  const seen = keep.cast('float32').unsqueeze(1, 2) // [batch, 1, 1, keys]
  if (!causal) return seen.sub(1).mul(-HIDDEN)
  const { queries, keys } = places(String(keep.shape[1]))
  return keys.greater(queries).where(scalar(HIDDEN), seen.sub(1).mul(-HIDDEN))
}

export const BlipTextModel = (part: TextPart, { add_pooling_layer = false, causal = false } = {}) =>
  module({
    embeddings: BlipTextEmbeddings(part.config),
    encoder: BlipTextEncoder(part),
    pooler: add_pooling_layer ? BertPooler(part.config) : undefined,
  }).forward((m, { ids, keep, states }: TextInputs) => {
    const encoded = m.encoder(m.embeddings(ids), biasOf(keep, causal), states)
    return { ...encoded, pooler_output: m.pooler?.(encoded.last_hidden_state) }
  })

/** What comes next in a text about what an encoder saw. */
export const BlipTextLMHeadModel = (part: TextPart) => {
  const bert = BlipTextModel(part, { causal: true })
  const words = bert.children.embeddings.children.word_embeddings.children.weight
  return module({ bert, cls: { predictions: BertLMPredictionHead(part.config, words) } }).forward(
    (m, inputs: TextInputs) => {
      const { last_hidden_state, hidden_states, attentions, cross_attentions } = m.bert(inputs)
      const logits = m.cls.predictions(last_hidden_state)
      return { logits, hidden_states, attentions, cross_attentions }
    },
  )
}
