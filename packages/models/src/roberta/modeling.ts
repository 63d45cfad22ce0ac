/** @file RoBERTa (https://arxiv.org/abs/1907.11692), as transformers' modeling_roberta.py: BERT with other positions and heads. */
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
import { RobertaConfig } from './configuration'

/** Positions count the tokens that are not padding, from padding_idx + 1 on; padding itself stays at padding_idx. */
const createPositionIds = (input_ids: Tensor, padding_idx: number) => {
  const mask = input_ids.equal(padding_idx).not().cast('int32') // [batch, sequence]
  return mask.cumsum(1).mul(mask).add(padding_idx)
}

const RobertaEmbeddings = (c: RobertaConfig) =>
  module({
    word_embeddings: embedding(c.vocab_size, c.hidden_size, { padding: c.pad_token_id }),
    position_embeddings: embedding(c.max_position_embeddings, c.hidden_size, { padding: c.pad_token_id }),
    token_type_embeddings: embedding(c.type_vocab_size, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, { input_ids, token_type_ids }: TextInputs) => {
    const longest = c.max_position_embeddings - c.pad_token_id - 1
    const position_ids = limit(createPositionIds(input_ids, c.pad_token_id), 1, longest)
    const words = m.word_embeddings(input_ids).add(m.token_type_embeddings(token_type_ids))
    const embeddings = m.LayerNorm(words, m.position_embeddings(position_ids)) // [batch, sequence, hidden]
    return dropout(embeddings, c.hidden_dropout_prob)
  })

const RobertaSelfAttention = (c: RobertaConfig, heads: HeadAxis) =>
  module({
    query: linear(c.hidden_size, heads),
    key: linear(c.hidden_size, heads),
    value: linear(c.hidden_size, heads),
  }).forward(({ query, key, value }, x: Tensor, mask: Tensor) =>
    attention(query(x), key(x), value(x), {
      heads: heads.kept.length,
      bias: mask,
      dropout: c.attention_probs_dropout_prob,
    }),
  )

const RobertaSelfOutput = (c: RobertaConfig, heads: HeadAxis) =>
  module({
    dense: linear(heads, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

const RobertaAttention = (c: RobertaConfig, heads: HeadAxis) =>
  module({ self: RobertaSelfAttention(c, heads), output: RobertaSelfOutput(c, heads) }).forward(
    (m, x: Tensor, mask: Tensor) => {
      const { context, attentions } = m.self(x, mask)
      return [m.output(context, x), attentions] as const
    },
  )

const RobertaIntermediate = (c: RobertaConfig) =>
  module({ dense: linear(c.hidden_size, c.intermediate_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.hidden_act](dense(x)),
  )

const RobertaOutput = (c: RobertaConfig) =>
  module({
    dense: linear(c.intermediate_size, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

const RobertaLayer = (c: RobertaConfig, index: number) =>
  module({
    attention: RobertaAttention(c, headsOf(c, index)),
    intermediate: RobertaIntermediate(c),
    output: RobertaOutput(c),
  }).forward((m, x: Tensor, mask: Tensor) => {
    const [attended, attentions] = m.attention(x, mask)
    return [m.output(m.intermediate(attended), attended), attentions] as const
  })

const RobertaEncoder = (c: RobertaConfig) =>
  module({
    layer: Array.from({ length: c.num_hidden_layers }, (_, index) => RobertaLayer(c, index)),
  }).forward(({ layer }, embeddings: Tensor, mask: Tensor) => {
    const hidden_states = [embeddings]
    const attentions: Tensor[] = []
    let last_hidden_state = embeddings
    for (const each of layer) {
      const [hidden, weights] = each(last_hidden_state, mask)
      last_hidden_state = hidden
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    return { last_hidden_state, hidden_states, attentions }
  })

const RobertaPooler = (c: RobertaConfig) =>
  module({ dense: linear(c.hidden_size, c.hidden_size) }).forward(({ dense }, x: Tensor) =>
    dense(x.at(1, 0)).tanh(),
  )

export const RobertaModel = (c: RobertaConfig, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: RobertaEmbeddings(c),
    encoder: RobertaEncoder(c),
    pooler: add_pooling_layer ? RobertaPooler(c) : undefined,
  }).forward((m, inputs: TextInputs) => {
    const encoded = m.encoder(m.embeddings(inputs), additiveMask(inputs.attention_mask))
    return { ...encoded, pooler_output: m.pooler?.(encoded.last_hidden_state) }
  })

const RobertaLMHead = (c: RobertaConfig, words: Tensor) => {
  const decoder = linear(c.hidden_size, c.vocab_size, { tied: c.tie_word_embeddings ? words : undefined })
  return module({
    dense: linear(c.hidden_size, c.hidden_size),
    layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
    bias: decoder.children.bias,
    decoder,
  }).forward((m, x: Tensor) => m.decoder(m.layer_norm(activations.gelu(m.dense(x)))))
}

export const RobertaForMaskedLM = (c: RobertaConfig) => {
  const roberta = RobertaModel(c, { add_pooling_layer: false })
  const words = roberta.children.embeddings.children.word_embeddings.children.weight
  return module({ roberta, lm_head: RobertaLMHead(c, words) }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.roberta(inputs)
    return { logits: m.lm_head(last_hidden_state), hidden_states, attentions }
  })
}

/** The first token, <s>, through one hidden layer. */
const RobertaClassificationHead = (c: RobertaConfig) =>
  module({
    dense: linear(c.hidden_size, c.hidden_size),
    out_proj: linear(c.hidden_size, c.num_labels),
  }).forward((m, x: Tensor) => {
    const probability = c.classifier_dropout ?? c.hidden_dropout_prob
    const hidden = m.dense(dropout(x.at(1, 0), probability)).tanh()
    return m.out_proj(dropout(hidden, probability))
  })

export const RobertaForSequenceClassification = (c: RobertaConfig) =>
  module({
    roberta: RobertaModel(c, { add_pooling_layer: false }),
    classifier: RobertaClassificationHead(c),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.roberta(inputs)
    return { logits: m.classifier(last_hidden_state), hidden_states, attentions }
  })

export const RobertaForMultipleChoice = (c: RobertaConfig) =>
  module({ roberta: RobertaModel(c), classifier: linear(c.hidden_size, 1) }).forward(
    (m, inputs: TextInputs) => {
      const { pooler_output, hidden_states, attentions } = m.roberta(flattenChoices(inputs))
      const pooled = dropout(pooler_output!, c.hidden_dropout_prob)
      return { logits: m.classifier(pooled).reshape('batch', 'choices'), hidden_states, attentions }
    },
  )

export const RobertaForTokenClassification = (c: RobertaConfig) =>
  module({
    roberta: RobertaModel(c, { add_pooling_layer: false }),
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.roberta(inputs)
    const tokens = dropout(last_hidden_state, c.classifier_dropout ?? c.hidden_dropout_prob)
    return { logits: m.classifier(tokens), hidden_states, attentions }
  })

export const RobertaForQuestionAnswering = (c: RobertaConfig) =>
  module({
    roberta: RobertaModel(c, { add_pooling_layer: false }),
    qa_outputs: linear(c.hidden_size, 2),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.roberta(inputs)
    const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
    return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
  })

export const architecture: Architecture<RobertaConfig> = {
  config: RobertaConfig,
  base_model_prefix: 'roberta',
  heads: {
    Model: RobertaModel,
    ForMaskedLM: RobertaForMaskedLM,
    ForSequenceClassification: RobertaForSequenceClassification,
    ForTokenClassification: RobertaForTokenClassification,
    ForQuestionAnswering: RobertaForQuestionAnswering,
    ForMultipleChoice: RobertaForMultipleChoice,
  },
  aliases: gammaBeta,
}
