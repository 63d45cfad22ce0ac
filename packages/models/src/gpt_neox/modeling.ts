/** @file GPT-NeoX (https://arxiv.org/abs/2204.06745) and Pythia, as transformers' modeling_gpt_neox.py. */
import {
  activations,
  attention,
  dropout,
  embedding,
  layerNorm,
  linear,
  module,
  rotary,
  rotaryTables,
  type Tensor,
} from '@webformers/graph'
import type { Architecture } from '../architecture'
import { causalMasks, type DecoderInputs, decoderInputs, type LayerContext } from '../decoder'
import { headsOf } from '../heads'
import { lastToken } from '../last-token'
import { rotaryFrequencies } from '../rope'
import { GPTNeoXConfig } from './configuration'

/** One layer makes queries, keys and values, and has the three of a head side by side. */
const GPTNeoXAttention = (c: GPTNeoXConfig, index: number) => {
  const { size, ...row } = headsOf(c, index)
  const heads = row.kept.length
  return module({
    query_key_value: linear(c.hidden_size, { ...row, size: 3 * size }, { bias: c.attention_bias }),
    dense: linear({ ...row, size }, c.hidden_size, { bias: c.attention_bias }),
  }).forward((m, x: Tensor, { cos, sin, mask }: LayerContext) => {
    const [batch, sequence] = x.shape
    const fused = m.query_key_value(x).reshape(batch!, sequence!, heads, 3 * size)
    const [query, key, value] = [0, 1, 2].map((i) =>
      fused.slice(3, i * size, (i + 1) * size).reshape(batch!, sequence!, heads * size),
    )
    const { context, attentions } = attention(
      rotary(query!, cos, sin, { heads }),
      rotary(key!, cos, sin, { heads }),
      value!,
      { heads, bias: mask, dropout: c.attention_dropout },
    )
    return [m.dense(context), attentions] as const
  })
}

const GPTNeoXMLP = (c: GPTNeoXConfig) =>
  module({
    dense_h_to_4h: linear(c.hidden_size, c.intermediate_size),
    dense_4h_to_h: linear(c.intermediate_size, c.hidden_size),
  }).forward((m, x: Tensor) => m.dense_4h_to_h(activations[c.hidden_act](m.dense_h_to_4h(x))))

/** Both halves read what comes in, or the second reads what the first has added to it. */
const GPTNeoXLayer = (c: GPTNeoXConfig, index: number) =>
  module({
    input_layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    post_attention_layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    attention: GPTNeoXAttention(c, index),
    mlp: GPTNeoXMLP(c),
  }).forward((m, x: Tensor, context: LayerContext) => {
    const [attended, attentions] = m.attention(m.input_layernorm(x), context)
    const sum = dropout(attended, c.hidden_dropout).add(x)
    const fed = m.mlp(m.post_attention_layernorm(c.use_parallel_residual ? x : sum))
    return [dropout(fed, c.hidden_dropout).add(sum), attentions] as const
  })

export const GPTNeoXModel = (c: GPTNeoXConfig) =>
  module({
    embed_in: embedding(c.vocab_size, c.hidden_size),
    layers: Array.from({ length: c.num_hidden_layers }, (_, index) => GPTNeoXLayer(c, index)),
    final_layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, { input_ids, attention_mask }: DecoderInputs) => {
    const [mask] = causalMasks(attention_mask, [undefined])
    const context = { ...rotaryTables('sequence', rotaryFrequencies(c)), mask: mask! }
    let hidden = dropout(m.embed_in(input_ids), c.hidden_dropout)
    const hidden_states = [hidden]
    const attentions: Tensor[] = []
    for (const layer of m.layers) {
      const [next, weights] = layer(hidden, context)
      hidden = next
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    const last_hidden_state = m.final_layer_norm(hidden)
    return { last_hidden_state, hidden_states: hidden_states.with(-1, last_hidden_state), attentions }
  })

export const GPTNeoXForCausalLM = (c: GPTNeoXConfig) => {
  const gpt_neox = GPTNeoXModel(c)
  const tied = c.tie_word_embeddings ? gpt_neox.children.embed_in.children.weight : undefined
  const embed_out = linear(c.hidden_size, c.vocab_size, { bias: false, tied })
  return module({ gpt_neox, embed_out }).forward((m, inputs: DecoderInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.gpt_neox(inputs)
    return { logits: m.embed_out(last_hidden_state), hidden_states, attentions }
  })
}

/** The last token that is not padding; without a padding token, the last one. */
export const GPTNeoXForSequenceClassification = (c: GPTNeoXConfig) =>
  module({
    gpt_neox: GPTNeoXModel(c),
    score: linear(c.hidden_size, c.num_labels, { bias: false }),
  }).forward((m, inputs: DecoderInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.gpt_neox(inputs)
    const padding = inputs.input_ids.equal(c.pad_token_id ?? -1)
    const last = lastToken(last_hidden_state, padding.not().cast('int32'))
    return { logits: m.score(last), hidden_states, attentions }
  })

export const GPTNeoXForTokenClassification = (c: GPTNeoXConfig) =>
  module({ gpt_neox: GPTNeoXModel(c), classifier: linear(c.hidden_size, c.num_labels) }).forward(
    (m, inputs: DecoderInputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.gpt_neox(inputs)
      return {
        logits: m.classifier(dropout(last_hidden_state, c.classifier_dropout)),
        hidden_states,
        attentions,
      }
    },
  )

export const GPTNeoXForQuestionAnswering = (c: GPTNeoXConfig) =>
  module({ gpt_neox: GPTNeoXModel(c), qa_outputs: linear(c.hidden_size, 2) }).forward(
    (m, inputs: DecoderInputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.gpt_neox(inputs)
      const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
      return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
    },
  )

export const architecture: Architecture<GPTNeoXConfig> = {
  config: GPTNeoXConfig,
  base_model_prefix: 'gpt_neox',
  inputs: decoderInputs,
  heads: {
    Model: GPTNeoXModel,
    ForCausalLM: GPTNeoXForCausalLM,
    ForSequenceClassification: GPTNeoXForSequenceClassification,
    ForTokenClassification: GPTNeoXForTokenClassification,
    ForQuestionAnswering: GPTNeoXForQuestionAnswering,
  },
}
