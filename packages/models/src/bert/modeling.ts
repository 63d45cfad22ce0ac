/** @file BERT (https://arxiv.org/abs/1810.04805), as transformers' modeling_bert.py. */
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
import { BertConfig } from './configuration'

const BertEmbeddings = (c: BertConfig) =>
  module({
    word_embeddings: embedding(c.vocab_size, c.hidden_size, { padding: c.pad_token_id }),
    position_embeddings: embedding(c.max_position_embeddings, c.hidden_size),
    token_type_embeddings: embedding(c.type_vocab_size, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, { input_ids, token_type_ids }: TextInputs) => {
    const words = m.word_embeddings(input_ids) // [batch, sequence, hidden]
    const positions = m.position_embeddings(arange('sequence')) // [sequence, hidden]
    const embeddings = m.LayerNorm(words.add(positions), m.token_type_embeddings(token_type_ids))
    return dropout(embeddings, c.hidden_dropout_prob)
  })

const BertSelfAttention = (c: BertConfig, heads: HeadAxis) =>
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

const BertSelfOutput = (c: BertConfig, heads: HeadAxis) =>
  module({
    dense: linear(heads, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

const BertAttention = (c: BertConfig, heads: HeadAxis) =>
  module({ self: BertSelfAttention(c, heads), output: BertSelfOutput(c, heads) }).forward(
    (m, x: Tensor, mask: Tensor) => {
      const { context, attentions } = m.self(x, mask)
      return [m.output(context, x), attentions] as const
    },
  )

const BertIntermediate = (c: BertConfig) =>
  module({ dense: linear(c.hidden_size, c.intermediate_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.hidden_act](dense(x)),
  )

const BertOutput = (c: BertConfig) =>
  module({
    dense: linear(c.intermediate_size, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, residual: Tensor) =>
    m.LayerNorm(dropout(m.dense(x), c.hidden_dropout_prob), residual),
  )

const BertLayer = (c: BertConfig, index: number) =>
  module({
    attention: BertAttention(c, headsOf(c, index)),
    intermediate: BertIntermediate(c),
    output: BertOutput(c),
  }).forward((m, x: Tensor, mask: Tensor) => {
    const [attended, attentions] = m.attention(x, mask)
    return [m.output(m.intermediate(attended), attended), attentions] as const
  })

const BertEncoder = (c: BertConfig) =>
  module({ layer: Array.from({ length: c.num_hidden_layers }, (_, index) => BertLayer(c, index)) }).forward(
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

export const BertPooler = (c: Pick<BertConfig, 'hidden_size'>) =>
  module({ dense: linear(c.hidden_size, c.hidden_size) }).forward(({ dense }, x: Tensor) =>
    dense(x.at(1, 0)).tanh(),
  )

export const BertModel = (c: BertConfig, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: BertEmbeddings(c),
    encoder: BertEncoder(c),
    pooler: add_pooling_layer ? BertPooler(c) : undefined,
  }).forward((m, inputs: TextInputs) => {
    const encoded = m.encoder(m.embeddings(inputs), additiveMask(inputs.attention_mask))
    return { ...encoded, pooler_output: m.pooler?.(encoded.last_hidden_state) }
  })

/** What a head reads of a configuration. */
type HeadConfig = Pick<
  BertConfig,
  'hidden_size' | 'layer_norm_eps' | 'hidden_act' | 'vocab_size' | 'tie_word_embeddings'
>

const BertPredictionHeadTransform = (c: HeadConfig) =>
  module({
    dense: linear(c.hidden_size, c.hidden_size),
    LayerNorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor) => m.LayerNorm(activations[c.hidden_act](m.dense(x))))

export const BertLMPredictionHead = (c: HeadConfig, words: Tensor) => {
  const decoder = linear(c.hidden_size, c.vocab_size, { tied: c.tie_word_embeddings ? words : undefined })
  const { bias } = decoder.children
  return module({ transform: BertPredictionHeadTransform(c), bias, decoder }).forward((m, x: Tensor) =>
    m.decoder(m.transform(x)),
  )
}

export const BertForMaskedLM = (c: BertConfig) => {
  const bert = BertModel(c, { add_pooling_layer: false })
  const words = bert.children.embeddings.children.word_embeddings.children.weight
  return module({ bert, cls: { predictions: BertLMPredictionHead(c, words) } }).forward(
    (m, inputs: TextInputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.bert(inputs)
      return { logits: m.cls.predictions(last_hidden_state), hidden_states, attentions }
    },
  )
}

export const BertForSequenceClassification = (c: BertConfig) =>
  module({ bert: BertModel(c), classifier: linear(c.hidden_size, c.num_labels) }).forward(
    (m, inputs: TextInputs) => {
      const { pooler_output, hidden_states, attentions } = m.bert(inputs)
      const pooled = dropout(pooler_output!, c.classifier_dropout ?? c.hidden_dropout_prob)
      return { logits: m.classifier(pooled), hidden_states, attentions }
    },
  )

export const BertForMultipleChoice = (c: BertConfig) =>
  module({ bert: BertModel(c), classifier: linear(c.hidden_size, 1) }).forward((m, inputs: TextInputs) => {
    const { pooler_output, hidden_states, attentions } = m.bert(flattenChoices(inputs))
    const pooled = dropout(pooler_output!, c.classifier_dropout ?? c.hidden_dropout_prob)
    return { logits: m.classifier(pooled).reshape('batch', 'choices'), hidden_states, attentions }
  })

export const BertForTokenClassification = (c: BertConfig) =>
  module({
    bert: BertModel(c, { add_pooling_layer: false }),
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.bert(inputs)
    const tokens = dropout(last_hidden_state, c.classifier_dropout ?? c.hidden_dropout_prob)
    return { logits: m.classifier(tokens), hidden_states, attentions }
  })

export const BertForQuestionAnswering = (c: BertConfig) =>
  module({
    bert: BertModel(c, { add_pooling_layer: false }),
    qa_outputs: linear(c.hidden_size, 2),
  }).forward((m, inputs: TextInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.bert(inputs)
    const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
    return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
  })

export const architecture: Architecture<BertConfig> = {
  config: BertConfig,
  base_model_prefix: 'bert',
  heads: {
    Model: BertModel,
    ForMaskedLM: BertForMaskedLM,
    ForSequenceClassification: BertForSequenceClassification,
    ForTokenClassification: BertForTokenClassification,
    ForQuestionAnswering: BertForQuestionAnswering,
    ForMultipleChoice: BertForMultipleChoice,
  },
  aliases: gammaBeta,
}
