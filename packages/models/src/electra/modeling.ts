/** @file ELECTRA (https://arxiv.org/abs/2003.10555), as transformers' modeling_electra.py. */
import {
  activations,
  additiveMask,
  arange,
  attention,
  dropout,
  embedding,
  type HeadAxis,
  layerNorm,
  linear,
  module,
  type Tensor,
} from '@webformers/graph'
import { type Architecture, flattenChoices, type TextInputs } from '../architecture'
import { headsOf } from '../heads'
import { gammaBeta } from '../names'
import { ElectraConfig } from './configuration'

const ElectraEmbeddings = (c: ElectraConfig) =>
  module({
    word_embeddings: embedding(c.vocab_size, c.embedding_size, { padding: c.pad_token_id }),
    position_embeddings: embedding(c.max_position_embeddings, c.embedding_size),
    token_type_embeddings: embedding(c.type_vocab_size, c.embedding_size),
    LayerNorm: layerNorm(c.embedding_size, c.layer_norm_eps),
  }).forward((m, { input_ids, token_type_ids }: TextInputs) => {
    const words = m.word_embeddings(input_ids) // [batch, sequence, hidden]
    const positions = m.position_embeddings(arange('sequence')) // [sequence, hidden]
    const embeddings = m.LayerNorm(words.add(positions), m.token_type_embeddings(token_type_ids))
    return dropout(embeddings, c.hidden_dropout_prob)
  })

const ElectraSelfAttention = (c: ElectraConfig, heads: HeadAxis) =>
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

const ElectraSelfOutput = (c: ElectraConfig, heads: HeadAxis) =>
  module({
    dense: linear(heads, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

const ElectraAttention = (c: ElectraConfig, heads: HeadAxis) =>
  module({ self: ElectraSelfAttention(c, heads), output: ElectraSelfOutput(c, heads) }).forward(
    (m, x: Tensor, mask: Tensor) => {
      const { context, attentions } = m.self(x, mask)
      return [m.output(context, x), attentions] as const
    },
  )

const ElectraIntermediate = (c: ElectraConfig) =>
  module({ dense: linear(c.hidden_size, c.intermediate_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.hidden_act](dense(x)),
  )

const ElectraOutput = (c: ElectraConfig) =>
  module({
    dense: linear(c.intermediate_size, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

const ElectraLayer = (c: ElectraConfig, index: number) =>
  module({
    attention: ElectraAttention(c, headsOf(c, index)),
    intermediate: ElectraIntermediate(c),
    output: ElectraOutput(c),
  }).forward((m, x: Tensor, mask: Tensor) => {
    const [attended, attentions] = m.attention(x, mask)
    return [m.output(m.intermediate(attended), attended), attentions] as const
  })

const ElectraEncoder = (c: ElectraConfig) =>
  module({
    layer: Array.from({ length: c.num_hidden_layers }, (_, index) => ElectraLayer(c, index)),
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

/** Embeddings narrower than the encoder are projected to its width. */
export const ElectraModel = (c: ElectraConfig) =>
  module({
    embeddings: ElectraEmbeddings(c),
    embeddings_project:
      c.embedding_size === c.hidden_size ? undefined : linear(c.embedding_size, c.hidden_size),
    encoder: ElectraEncoder(c),
  }).forward((m, inputs: TextInputs) => {
    const embeddings = m.embeddings(inputs)
    return m.encoder(m.embeddings_project?.(embeddings) ?? embeddings, additiveMask(inputs.attention_mask))
  })

const ElectraGeneratorPredictions = (c: ElectraConfig) =>
  module({
    LayerNorm: layerNorm(c.embedding_size, c.layer_norm_eps),
    dense: linear(c.hidden_size, c.embedding_size),
  }).forward((m, x: Tensor) => m.LayerNorm(activations.gelu(m.dense(x))))

export const ElectraForMaskedLM = (c: ElectraConfig) => {
  const electra = ElectraModel(c)
  const words = electra.children.embeddings.children.word_embeddings.children.weight
  return module({
    electra,
    generator_predictions: ElectraGeneratorPredictions(c),
    generator_lm_head: linear(c.embedding_size, c.vocab_size, {
      tied: c.tie_word_embeddings ? words : undefined,
    }),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.electra(inputs)
    const logits = m.generator_lm_head(m.generator_predictions(last_hidden_state))
    return { logits, hidden_states, attentions }
  })
}

/** The first token through one hidden layer; where BERT has tanh, ELECTRA has gelu. */
const ElectraClassificationHead = (c: ElectraConfig) =>
  module({
    dense: linear(c.hidden_size, c.hidden_size),
    out_proj: linear(c.hidden_size, c.num_labels),
  }).forward((m, x: Tensor) => {
    const probability = c.classifier_dropout ?? c.hidden_dropout_prob
    const hidden = activations.gelu(m.dense(dropout(x.at(1, 0), probability)))
    return m.out_proj(dropout(hidden, probability))
  })

export const ElectraForSequenceClassification = (c: ElectraConfig) =>
  module({ electra: ElectraModel(c), classifier: ElectraClassificationHead(c) }).forward(
    (m, inputs: TextInputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.electra(inputs)
      return { logits: m.classifier(last_hidden_state), hidden_states, attentions }
    },
  )

export const ElectraForTokenClassification = (c: ElectraConfig) =>
  module({
    electra: ElectraModel(c),
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.electra(inputs)
    const tokens = dropout(last_hidden_state, c.classifier_dropout ?? c.hidden_dropout_prob)
    return { logits: m.classifier(tokens), hidden_states, attentions }
  })

export const ElectraForQuestionAnswering = (c: ElectraConfig) =>
  module({
    electra: ElectraModel(c),
    qa_outputs: linear(c.hidden_size, 2),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.electra(inputs)
    const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
    return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
  })

/** One vector for a sequence [batch, sequence, hidden]. */
const ElectraSequenceSummary = (c: ElectraConfig) =>
  module({
    summary: c.summary_use_proj ? linear(c.hidden_size, c.hidden_size) : undefined,
  }).forward((m, x: Tensor) => {
    const first = dropout(summarize[c.summary_type](x), c.summary_first_dropout)
    const projected = m.summary?.(first) ?? first
    return dropout(activations[c.summary_activation ?? 'linear'](projected), c.summary_last_dropout)
  })

const summarize = {
  first: (x: Tensor) => x.at(1, 0),
  last: (x: Tensor) => x.at(1, -1),
  mean: (x: Tensor) => x.mean([1]),
  cls_index: (x: Tensor) => x.at(1, -1), // no head of ELECTRA is told an index, and Python then takes the last token
}

export const ElectraForMultipleChoice = (c: ElectraConfig) =>
  module({
    electra: ElectraModel(c),
    sequence_summary: ElectraSequenceSummary(c),
    classifier: linear(c.hidden_size, 1),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.electra(flattenChoices(inputs))
    const logits = m.classifier(m.sequence_summary(last_hidden_state))
    return { logits: logits.reshape('batch', 'choices'), hidden_states, attentions }
  })

export const architecture: Architecture<ElectraConfig> = {
  config: ElectraConfig,
  base_model_prefix: 'electra',
  heads: {
    Model: ElectraModel,
    ForMaskedLM: ElectraForMaskedLM,
    ForSequenceClassification: ElectraForSequenceClassification,
    ForTokenClassification: ElectraForTokenClassification,
    ForQuestionAnswering: ElectraForQuestionAnswering,
    ForMultipleChoice: ElectraForMultipleChoice,
  },
  aliases: gammaBeta,
}
