/** @file ALBERT (https://arxiv.org/abs/1909.11942), as transformers' modeling_albert.py: layers that share their weights. */
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
import { AlbertConfig } from './configuration'

const AlbertEmbeddings = (c: AlbertConfig) =>
  module({
    word_embeddings: embedding(c.vocab_size, c.embedding_size, { padding: c.pad_token_id }),
    position_embeddings: embedding(c.max_position_embeddings, c.embedding_size),
    token_type_embeddings: embedding(c.type_vocab_size, c.embedding_size),
    LayerNorm: layerNorm(c.embedding_size, c.layer_norm_eps),
  }).forward((m, { input_ids, token_type_ids }: TextInputs) => {
    const words = m.word_embeddings(input_ids) // [batch, sequence, embedding]
    const positions = m.position_embeddings(arange('sequence')) // [sequence, embedding]
    const embeddings = m.LayerNorm(words.add(positions), m.token_type_embeddings(token_type_ids))
    return dropout(embeddings, c.hidden_dropout_prob)
  })

const AlbertAttention = (c: AlbertConfig, heads: HeadAxis) =>
  module({
    query: linear(c.hidden_size, heads),
    key: linear(c.hidden_size, heads),
    value: linear(c.hidden_size, heads),
    dense: linear(heads, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, mask: Tensor) => {
    const { context, attentions } = attention(m.query(x), m.key(x), m.value(x), {
      heads: heads.kept.length,
      bias: mask,
      dropout: c.attention_probs_dropout_prob,
    })
    return [m.LayerNorm(dropout(m.dense(context), c.hidden_dropout_prob), x), attentions] as const
  })

const AlbertLayer = (c: AlbertConfig, index: number) =>
  module({
    full_layer_layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
    attention: AlbertAttention(c, headsOf(c, index)),
    ffn: linear(c.hidden_size, c.intermediate_size),
    ffn_output: linear(c.intermediate_size, c.hidden_size),
  }).forward((m, x: Tensor, mask: Tensor) => {
    const [attended, attentions] = m.attention(x, mask)
    const output = m.ffn_output(activations[c.hidden_act](m.ffn(attended)))
    return [m.full_layer_layer_norm(output, attended), attentions] as const
  })

/** The layers of a group are counted on from those of the groups before it. */
const AlbertLayerGroup = (c: AlbertConfig, group: number) =>
  module({
    albert_layers: Array.from({ length: c.inner_group_num }, (_, i) =>
      AlbertLayer(c, group * c.inner_group_num + i),
    ),
  }).forward(({ albert_layers }, x: Tensor, mask: Tensor) => {
    const attentions: Tensor[] = []
    let hidden = x
    for (const layer of albert_layers) {
      const [output, weights] = layer(hidden, mask)
      hidden = output
      attentions.push(weights)
    }
    return [hidden, attentions] as const
  })

/** Every layer is one of a few groups; a group that comes again comes with the same weights. */
const AlbertTransformer = (c: AlbertConfig) =>
  module({
    embedding_hidden_mapping_in: linear(c.embedding_size, c.hidden_size),
    albert_layer_groups: Array.from({ length: c.num_hidden_groups }, (_, group) =>
      AlbertLayerGroup(c, group),
    ),
  }).forward((m, embeddings: Tensor, mask: Tensor) => {
    let last_hidden_state = m.embedding_hidden_mapping_in(embeddings)
    const hidden_states = [last_hidden_state]
    const attentions: Tensor[] = []
    for (let i = 0; i < c.num_hidden_layers; i++) {
      const group = m.albert_layer_groups[Math.floor((i * c.num_hidden_groups) / c.num_hidden_layers)]!
      const [hidden, weights] = group(last_hidden_state, mask)
      last_hidden_state = hidden
      hidden_states.push(hidden)
      attentions.push(...weights)
    }
    return { last_hidden_state, hidden_states, attentions }
  })

export const AlbertModel = (c: AlbertConfig, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: AlbertEmbeddings(c),
    encoder: AlbertTransformer(c),
    pooler: add_pooling_layer ? linear(c.hidden_size, c.hidden_size) : undefined,
  }).forward((m, inputs: TextInputs) => {
    const encoded = m.encoder(m.embeddings(inputs), additiveMask(inputs.attention_mask))
    return { ...encoded, pooler_output: m.pooler?.(encoded.last_hidden_state.at(1, 0)).tanh() }
  })

const AlbertMLMHead = (c: AlbertConfig, words: Tensor) => {
  const decoder = linear(c.embedding_size, c.vocab_size, { tied: c.tie_word_embeddings ? words : undefined })
  return module({
    LayerNorm: layerNorm(c.embedding_size, c.layer_norm_eps),
    bias: decoder.children.bias,
    dense: linear(c.hidden_size, c.embedding_size),
    decoder,
  }).forward((m, x: Tensor) => m.decoder(m.LayerNorm(activations[c.hidden_act](m.dense(x)))))
}

export const AlbertForMaskedLM = (c: AlbertConfig) => {
  const albert = AlbertModel(c, { add_pooling_layer: false })
  const words = albert.children.embeddings.children.word_embeddings.children.weight
  return module({ albert, predictions: AlbertMLMHead(c, words) }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.albert(inputs)
    return { logits: m.predictions(last_hidden_state), hidden_states, attentions }
  })
}

export const AlbertForSequenceClassification = (c: AlbertConfig) =>
  module({ albert: AlbertModel(c), classifier: linear(c.hidden_size, c.num_labels) }).forward(
    (m, inputs: TextInputs) => {
      const { pooler_output, hidden_states, attentions } = m.albert(inputs)
      const pooled = dropout(pooler_output!, c.classifier_dropout_prob)
      return { logits: m.classifier(pooled), hidden_states, attentions }
    },
  )

export const AlbertForTokenClassification = (c: AlbertConfig) =>
  module({
    albert: AlbertModel(c, { add_pooling_layer: false }),
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.albert(inputs)
    const tokens = dropout(last_hidden_state, c.classifier_dropout_prob)
    return { logits: m.classifier(tokens), hidden_states, attentions }
  })

export const AlbertForQuestionAnswering = (c: AlbertConfig) =>
  module({
    albert: AlbertModel(c, { add_pooling_layer: false }),
    qa_outputs: linear(c.hidden_size, 2),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.albert(inputs)
    const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
    return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
  })

export const AlbertForMultipleChoice = (c: AlbertConfig) =>
  module({ albert: AlbertModel(c), classifier: linear(c.hidden_size, 1) }).forward(
    (m, inputs: TextInputs) => {
      const { pooler_output, hidden_states, attentions } = m.albert(flattenChoices(inputs))
      const pooled = dropout(pooler_output!, c.classifier_dropout_prob)
      return { logits: m.classifier(pooled).reshape('batch', 'choices'), hidden_states, attentions }
    },
  )

export const architecture: Architecture<AlbertConfig> = {
  config: AlbertConfig,
  base_model_prefix: 'albert',
  heads: {
    Model: AlbertModel,
    ForMaskedLM: AlbertForMaskedLM,
    ForSequenceClassification: AlbertForSequenceClassification,
    ForTokenClassification: AlbertForTokenClassification,
    ForQuestionAnswering: AlbertForQuestionAnswering,
    ForMultipleChoice: AlbertForMultipleChoice,
  },
  aliases: gammaBeta,
}
