/** @file DistilBERT (https://arxiv.org/abs/1910.01108), as transformers' modeling_distilbert.py. */
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
import { DistilBertConfig } from './configuration'

const LAYER_NORM_EPS = 1e-12

const Embeddings = (c: DistilBertConfig) =>
  module({
    word_embeddings: embedding(c.vocab_size, c.dim, { padding: c.pad_token_id }),
    position_embeddings: embedding(c.max_position_embeddings, c.dim),
    LayerNorm: layerNorm(c.dim, LAYER_NORM_EPS),
  }).forward((m, { input_ids }: TextInputs) => {
    const words = m.word_embeddings(input_ids) // [batch, sequence, dim]
    const positions = m.position_embeddings(arange('sequence')) // [sequence, dim]
    return dropout(m.LayerNorm(words, positions), c.dropout)
  })

const MultiHeadSelfAttention = (c: DistilBertConfig, heads: HeadAxis) =>
  module({
    q_lin: linear(c.dim, heads),
    k_lin: linear(c.dim, heads),
    v_lin: linear(c.dim, heads),
    out_lin: linear(heads, c.dim),
  }).forward(({ q_lin, k_lin, v_lin, out_lin }, x: Tensor, mask: Tensor) => {
    const { context, attentions } = attention(q_lin(x), k_lin(x), v_lin(x), {
      heads: heads.kept.length,
      bias: mask,
      dropout: c.attention_dropout,
    })
    return [out_lin(context), attentions] as const
  })

const FFN = (c: DistilBertConfig) =>
  module({ lin1: linear(c.dim, c.hidden_dim), lin2: linear(c.hidden_dim, c.dim) }).forward((m, x: Tensor) =>
    dropout(m.lin2(activations[c.activation](m.lin1(x))), c.dropout),
  )

const TransformerBlock = (c: DistilBertConfig, index: number) =>
  module({
    attention: MultiHeadSelfAttention(c, headsOf(c, index)),
    sa_layer_norm: layerNorm(c.dim, LAYER_NORM_EPS),
    ffn: FFN(c),
    output_layer_norm: layerNorm(c.dim, LAYER_NORM_EPS),
  }).forward((m, x: Tensor, mask: Tensor) => {
    const [sa_output, attentions] = m.attention(x, mask)
    const attended = m.sa_layer_norm(sa_output, x)
    return [m.output_layer_norm(m.ffn(attended), attended), attentions] as const
  })

const Transformer = (c: DistilBertConfig) =>
  module({ layer: Array.from({ length: c.n_layers }, (_, index) => TransformerBlock(c, index)) }).forward(
    ({ layer }, embeddings: Tensor, mask: Tensor) => {
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
    },
  )

export const DistilBertModel = (c: DistilBertConfig) =>
  module({ embeddings: Embeddings(c), transformer: Transformer(c) }).forward((m, inputs: TextInputs) =>
    m.transformer(m.embeddings(inputs), additiveMask(inputs.attention_mask)),
  )

export const DistilBertForMaskedLM = (c: DistilBertConfig) => {
  const distilbert = DistilBertModel(c)
  const words = distilbert.children.embeddings.children.word_embeddings.children.weight
  return module({
    distilbert,
    vocab_transform: linear(c.dim, c.dim),
    vocab_layer_norm: layerNorm(c.dim, LAYER_NORM_EPS),
    vocab_projector: linear(c.dim, c.vocab_size, { tied: c.tie_word_embeddings ? words : undefined }),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.distilbert(inputs)
    const transformed = activations[c.activation](m.vocab_transform(last_hidden_state))
    return { logits: m.vocab_projector(m.vocab_layer_norm(transformed)), hidden_states, attentions }
  })
}

export const DistilBertForSequenceClassification = (c: DistilBertConfig) =>
  module({
    distilbert: DistilBertModel(c),
    pre_classifier: linear(c.dim, c.dim),
    classifier: linear(c.dim, c.num_labels),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.distilbert(inputs)
    const pooled = m.pre_classifier(last_hidden_state.at(1, 0)).relu() // [batch, dim]
    return { logits: m.classifier(dropout(pooled, c.seq_classif_dropout)), hidden_states, attentions }
  })

export const DistilBertForQuestionAnswering = (c: DistilBertConfig) =>
  module({ distilbert: DistilBertModel(c), qa_outputs: linear(c.dim, 2) }).forward(
    (m, inputs: TextInputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.distilbert(inputs)
      const logits = m.qa_outputs(dropout(last_hidden_state, c.qa_dropout)) // [batch, sequence, 2]
      return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
    },
  )

export const DistilBertForTokenClassification = (c: DistilBertConfig) =>
  module({ distilbert: DistilBertModel(c), classifier: linear(c.dim, c.num_labels) }).forward(
    (m, inputs: TextInputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.distilbert(inputs)
      return { logits: m.classifier(dropout(last_hidden_state, c.dropout)), hidden_states, attentions }
    },
  )

export const DistilBertForMultipleChoice = (c: DistilBertConfig) =>
  module({
    distilbert: DistilBertModel(c),
    pre_classifier: linear(c.dim, c.dim),
    classifier: linear(c.dim, 1),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.distilbert(flattenChoices(inputs))
    const pooled = m.pre_classifier(last_hidden_state.at(1, 0)).relu() // [batch*choices, dim]
    const logits = m.classifier(dropout(pooled, c.seq_classif_dropout))
    return { logits: logits.reshape('batch', 'choices'), hidden_states, attentions }
  })

export const architecture: Architecture<DistilBertConfig> = {
  config: DistilBertConfig,
  base_model_prefix: 'distilbert',
  heads: {
    Model: DistilBertModel,
    ForMaskedLM: DistilBertForMaskedLM,
    ForSequenceClassification: DistilBertForSequenceClassification,
    ForTokenClassification: DistilBertForTokenClassification,
    ForQuestionAnswering: DistilBertForQuestionAnswering,
    ForMultipleChoice: DistilBertForMultipleChoice,
  },
  aliases: gammaBeta,
}
