/** @file MPNet (https://arxiv.org/abs/2004.09297), as transformers' modeling_mpnet.py. */
import {
  activations,
  additiveMask,
  attention,
  dropout,
  embedding,
  type HeadAxis,
  layerNorm,
  limit,
  linear,
  module,
  type Tensor,
} from '@webformers/graph'
import { type Architecture, flattenChoices, type TextInputs } from '../architecture'
import { headsOf } from '../heads'
import { gammaBeta } from '../names'
import { ofHeads, relativePositionBuckets } from '../relative-position'
import { BUCKETS, MPNetConfig } from './configuration'

/** Whatever `pad_token_id` says: Python writes it into the code. */
const PADDING_IDX = 1

/** Positions count the tokens that are not padding, from padding_idx + 1 on; padding itself stays at padding_idx. */
const createPositionIds = (input_ids: Tensor) => {
  const mask = input_ids.equal(PADDING_IDX).not().cast('int32') // [batch, sequence]
  return mask.cumsum(1).mul(mask).add(PADDING_IDX)
}

const MPNetEmbeddings = (c: MPNetConfig) =>
  module({
    word_embeddings: embedding(c.vocab_size, c.hidden_size, { padding: PADDING_IDX }),
    position_embeddings: embedding(c.max_position_embeddings, c.hidden_size, { padding: PADDING_IDX }),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, { input_ids }: TextInputs) => {
    const longest = c.max_position_embeddings - PADDING_IDX - 1
    const position_ids = limit(createPositionIds(input_ids), 1, longest)
    const embeddings = m.LayerNorm(m.word_embeddings(input_ids), m.position_embeddings(position_ids))
    return dropout(embeddings, c.hidden_dropout_prob) // [batch, sequence, hidden]
  })

const MPNetSelfAttention = (c: MPNetConfig, heads: HeadAxis) =>
  module({
    q: linear(c.hidden_size, heads),
    k: linear(c.hidden_size, heads),
    v: linear(c.hidden_size, heads),
    o: linear(heads, c.hidden_size),
  }).forward(({ q, k, v, o }, x: Tensor, bias: Tensor) => {
    const { context, attentions } = attention(q(x), k(x), v(x), {
      heads: heads.kept.length,
      bias: ofHeads(bias, heads),
      dropout: c.attention_probs_dropout_prob,
    })
    return [o(context), attentions] as const
  })

const MPNetAttention = (c: MPNetConfig, heads: HeadAxis) =>
  module({
    attn: MPNetSelfAttention(c, heads),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, bias: Tensor) => {
    const [attended, attentions] = m.attn(x, bias)
    return [m.LayerNorm(dropout(attended, c.hidden_dropout_prob), x), attentions] as const
  })

const MPNetIntermediate = (c: MPNetConfig) =>
  module({ dense: linear(c.hidden_size, c.intermediate_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.hidden_act](dense(x)),
  )

const MPNetOutput = (c: MPNetConfig) =>
  module({
    dense: linear(c.intermediate_size, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

const MPNetLayer = (c: MPNetConfig, index: number) =>
  module({
    attention: MPNetAttention(c, headsOf(c, index)),
    intermediate: MPNetIntermediate(c),
    output: MPNetOutput(c),
  }).forward((m, x: Tensor, bias: Tensor) => {
    const [attended, attentions] = m.attention(x, bias)
    return [m.output(m.intermediate(attended), attended), attentions] as const
  })

const MPNetEncoder = (c: MPNetConfig) =>
  module({
    layer: Array.from({ length: c.num_hidden_layers }, (_, index) => MPNetLayer(c, index)),
    relative_attention_bias: embedding(c.relative_attention_num_buckets, c.num_attention_heads),
  }).forward((m, embeddings: Tensor, mask: Tensor) => {
    const buckets = relativePositionBuckets('sequence', BUCKETS) // [sequence, sequence]
    const bias = mask.add(m.relative_attention_bias(buckets).transpose(2, 0, 1)) // [batch, heads, sequence, sequence]
    const hidden_states = [embeddings]
    const attentions: Tensor[] = []
    let last_hidden_state = embeddings
    for (const each of m.layer) {
      const [hidden, weights] = each(last_hidden_state, bias)
      last_hidden_state = hidden
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    return { last_hidden_state, hidden_states, attentions }
  })

const MPNetPooler = (c: MPNetConfig) =>
  module({ dense: linear(c.hidden_size, c.hidden_size) }).forward(({ dense }, x: Tensor) =>
    dense(x.at(1, 0)).tanh(),
  )

export const MPNetModel = (c: MPNetConfig, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: MPNetEmbeddings(c),
    encoder: MPNetEncoder(c),
    pooler: add_pooling_layer ? MPNetPooler(c) : undefined,
  }).forward((m, inputs: TextInputs) => {
    const encoded = m.encoder(m.embeddings(inputs), additiveMask(inputs.attention_mask))
    return { ...encoded, pooler_output: m.pooler?.(encoded.last_hidden_state) }
  })

const MPNetLMHead = (c: MPNetConfig, words: Tensor) => {
  const decoder = linear(c.hidden_size, c.vocab_size, { tied: c.tie_word_embeddings ? words : undefined })
  return module({
    dense: linear(c.hidden_size, c.hidden_size),
    layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
    bias: decoder.children.bias,
    decoder,
  }).forward((m, x: Tensor) => m.decoder(m.layer_norm(activations.gelu(m.dense(x)))))
}

export const MPNetForMaskedLM = (c: MPNetConfig) => {
  const mpnet = MPNetModel(c, { add_pooling_layer: false })
  const words = mpnet.children.embeddings.children.word_embeddings.children.weight
  return module({ mpnet, lm_head: MPNetLMHead(c, words) }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.mpnet(inputs)
    return { logits: m.lm_head(last_hidden_state), hidden_states, attentions }
  })
}

/** The first token, <s>, through one hidden layer. */
const MPNetClassificationHead = (c: MPNetConfig) =>
  module({
    dense: linear(c.hidden_size, c.hidden_size),
    out_proj: linear(c.hidden_size, c.num_labels),
  }).forward((m, x: Tensor) => {
    const probability = c.hidden_dropout_prob
    const hidden = m.dense(dropout(x.at(1, 0), probability)).tanh()
    return m.out_proj(dropout(hidden, probability))
  })

export const MPNetForSequenceClassification = (c: MPNetConfig) =>
  module({
    mpnet: MPNetModel(c, { add_pooling_layer: false }),
    classifier: MPNetClassificationHead(c),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.mpnet(inputs)
    return { logits: m.classifier(last_hidden_state), hidden_states, attentions }
  })

export const MPNetForMultipleChoice = (c: MPNetConfig) =>
  module({ mpnet: MPNetModel(c), classifier: linear(c.hidden_size, 1) }).forward((m, inputs: TextInputs) => {
    const { pooler_output, hidden_states, attentions } = m.mpnet(flattenChoices(inputs))
    const pooled = dropout(pooler_output!, c.hidden_dropout_prob)
    return { logits: m.classifier(pooled).reshape('batch', 'choices'), hidden_states, attentions }
  })

export const MPNetForTokenClassification = (c: MPNetConfig) =>
  module({
    mpnet: MPNetModel(c, { add_pooling_layer: false }),
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.mpnet(inputs)
    const tokens = dropout(last_hidden_state, c.hidden_dropout_prob)
    return { logits: m.classifier(tokens), hidden_states, attentions }
  })

export const MPNetForQuestionAnswering = (c: MPNetConfig) =>
  module({
    mpnet: MPNetModel(c, { add_pooling_layer: false }),
    qa_outputs: linear(c.hidden_size, 2),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.mpnet(inputs)
    const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
    return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
  })

export const architecture: Architecture<MPNetConfig> = {
  config: MPNetConfig,
  base_model_prefix: 'mpnet',
  heads: {
    Model: MPNetModel,
    ForMaskedLM: MPNetForMaskedLM,
    ForSequenceClassification: MPNetForSequenceClassification,
    ForTokenClassification: MPNetForTokenClassification,
    ForQuestionAnswering: MPNetForQuestionAnswering,
    ForMultipleChoice: MPNetForMultipleChoice,
  },
  aliases: gammaBeta,
}
