/** @file GPT-2 (https://openai.com/research/better-language-models), as transformers' modeling_gpt2.py. */
import {
  type AxisSize,
  activations,
  additiveMask,
  attention,
  dropout,
  embedding,
  type HeadAxis,
  input,
  LOWEST,
  layerNorm,
  linear,
  module,
  places,
  positions,
  scalar,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { headsOf, type Stack } from '../heads'
import { lastToken } from '../last-token'
import { GPT2Config } from './configuration'

/** A decoder by itself may read what an encoder gave. */
type GPT2Inputs = Readonly<Record<'input_ids' | 'attention_mask', Tensor>> &
  Readonly<Partial<Record<'encoder_hidden_states' | 'encoder_attention_mask', Tensor>>>

/** What a layer looks at of an encoder. */
interface Source {
  readonly states: Tensor
  readonly bias: Tensor | undefined
}

/** `Conv1D` of transformers: a linear layer whose weight is [inputs, outputs]. */
const conv1D = (inputs: AxisSize, outputs: AxisSize) => linear(inputs, outputs, { transposed: true })

const attentionOptions = (c: GPT2Config, index: number, { kept, size }: HeadAxis, bias?: Tensor) => ({
  heads: kept.length,
  scale: (c.scale_attn_weights ? size ** -0.5 : 1) / (c.scale_attn_by_inverse_layer_idx ? index + 1 : 1),
  bias,
  dropout: c.attn_pdrop,
})

const GPT2Attention = (c: GPT2Config, index: number, stack: Stack) => {
  const heads = headsOf(c, index, { stack })
  const width = heads.kept.length * heads.size
  return module({
    c_attn: conv1D(c.n_embd, [heads, heads, heads]),
    c_proj: conv1D(heads, c.n_embd),
  }).forward((m, x: Tensor, mask: Tensor) => {
    const fused = m.c_attn(x) // [batch, sequence, 3 × width]
    const [query, key, value] = [0, 1, 2].map((i) => fused.slice(2, i * width, (i + 1) * width))
    const options = attentionOptions(c, index, heads, mask)
    const { context, attentions } = attention(query!, key!, value!, options)
    return [dropout(m.c_proj(context), c.resid_pdrop), attentions] as const
  })
}

/** Attention to what an encoder gave. */
const GPT2CrossAttention = (c: GPT2Config, index: number) => {
  const heads = headsOf(c, index, { stack: 'cross' })
  const width = heads.kept.length * heads.size
  return module({
    c_attn: conv1D(c.n_embd, [heads, heads]),
    q_attn: conv1D(c.n_embd, heads),
    c_proj: conv1D(heads, c.n_embd),
  }).forward((m, x: Tensor, { states, bias }: Source) => {
    const fused = m.c_attn(states) // [batch, keys, 2 × width]
    const [key, value] = [fused.slice(2, 0, width), fused.slice(2, width, 2 * width)]
    const { context, attentions } = attention(
      m.q_attn(x),
      key,
      value,
      attentionOptions(c, index, heads, bias),
    )
    return [dropout(m.c_proj(context), c.resid_pdrop), attentions] as const
  })
}

const GPT2MLP = (c: GPT2Config) => {
  const inner = c.n_inner ?? 4 * c.n_embd
  return module({ c_fc: conv1D(c.n_embd, inner), c_proj: conv1D(inner, c.n_embd) }).forward((m, x: Tensor) =>
    dropout(m.c_proj(activations[c.activation_function](m.c_fc(x))), c.resid_pdrop),
  )
}

const GPT2Block = (c: GPT2Config, index: number, stack: Stack) =>
  module({
    ln_1: layerNorm(c.n_embd, c.layer_norm_epsilon),
    attn: GPT2Attention(c, index, stack),
    ln_2: layerNorm(c.n_embd, c.layer_norm_epsilon),
    ...(c.add_cross_attention && {
      crossattention: GPT2CrossAttention(c, index),
      ln_cross_attn: layerNorm(c.n_embd, c.layer_norm_epsilon),
    }),
    mlp: GPT2MLP(c),
  }).forward((m, x: Tensor, mask: Tensor, source?: Source) => {
    const [attended, attentions] = m.attn(m.ln_1(x), mask)
    const sum = attended.add(x)
    const [found, crossAttentions] = source ? m.crossattention!(m.ln_cross_attn!(sum), source) : []
    const informed = found ? found.add(sum) : sum
    return [informed.add(m.mlp(m.ln_2(informed))), attentions, crossAttentions] as const
  })

/** What comes later counts less than padding does: a row that may see nothing looks at the padding before it, as in Python,
 * where both masks add up there. */
function causalBias(attention_mask: Tensor): Tensor {
  const padding = additiveMask(attention_mask).mul(0.5) // [batch, 1, 1, keys]
  const { queries, keys } = places(String(attention_mask.shape[1]))
  const later = keys.greater(queries) // [sequence, keys]
  return later.where(scalar(LOWEST), padding)
}

/** `stack` is what its attentions to the text itself are: those of a decoder where an encoder is beside it. */
interface GPT2Options {
  readonly stack?: Stack
}

export const GPT2Model = (c: GPT2Config, { stack = 'encoder' }: GPT2Options = {}) =>
  module({
    wte: embedding(c.vocab_size, c.n_embd),
    wpe: embedding(c.n_positions, c.n_embd),
    h: Array.from({ length: c.n_layer }, (_, index) => GPT2Block(c, index, stack)),
    ln_f: layerNorm(c.n_embd, c.layer_norm_epsilon),
  }).forward(
    (m, { input_ids, attention_mask, encoder_hidden_states, encoder_attention_mask }: GPT2Inputs) => {
      const sequence = String(input_ids.shape[1])
      const bias = causalBias(attention_mask)
      const source = encoder_hidden_states && {
        states: encoder_hidden_states,
        bias: encoder_attention_mask && additiveMask(encoder_attention_mask),
      }
      let hidden = dropout(m.wte(input_ids).add(m.wpe(positions(sequence))), c.embd_pdrop)
      const hidden_states = [hidden]
      const attentions: Tensor[] = []
      const cross_attentions: Tensor[] = []
      for (const block of m.h) {
        const [next, weights, crossWeights] = block(hidden, bias, source)
        hidden = next
        hidden_states.push(hidden)
        attentions.push(weights)
        if (crossWeights) cross_attentions.push(crossWeights)
      }
      const last_hidden_state = m.ln_f(hidden)
      return {
        last_hidden_state,
        hidden_states: hidden_states.with(-1, last_hidden_state),
        attentions,
        ...(source && { cross_attentions }),
      }
    },
  )

export const GPT2LMHeadModel = (c: GPT2Config, options: GPT2Options = {}) => {
  const transformer = GPT2Model(c, options)
  const tied = c.tie_word_embeddings ? transformer.children.wte.children.weight : undefined
  const lm_head = linear(c.n_embd, c.vocab_size, { bias: false, tied })
  return module({ transformer, lm_head }).forward((m, inputs: GPT2Inputs) => {
    const { last_hidden_state, ...lists } = m.transformer(inputs)
    return { logits: m.lm_head(last_hidden_state), ...lists }
  })
}

/** The last token that is not padding; without a padding token, the last one. */
export const GPT2ForSequenceClassification = (c: GPT2Config) =>
  module({
    transformer: GPT2Model(c),
    score: linear(c.n_embd, c.num_labels, { bias: false }),
  }).forward((m, inputs: GPT2Inputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.transformer(inputs)
    const padding = inputs.input_ids.equal(c.pad_token_id ?? -1)
    const last = lastToken(last_hidden_state, padding.not().cast('int32'))
    return { logits: m.score(last), hidden_states, attentions }
  })

export const GPT2ForTokenClassification = (c: GPT2Config) =>
  module({ transformer: GPT2Model(c), classifier: linear(c.n_embd, c.num_labels) }).forward(
    (m, inputs: GPT2Inputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.transformer(inputs)
      const tokens = dropout(last_hidden_state, c.classifier_dropout ?? 0.1)
      return { logits: m.classifier(tokens), hidden_states, attentions }
    },
  )

export const GPT2ForQuestionAnswering = (c: GPT2Config) =>
  module({ transformer: GPT2Model(c), qa_outputs: linear(c.n_embd, 2) }).forward((m, inputs: GPT2Inputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.transformer(inputs)
    const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
    return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
  })

/** One text at a time where nothing tells padding from tokens, as Python insists; and the states of an encoder where the
 * configuration adds the attention to them. */
function inputs(head: Head, { pad_token_id, n_embd, add_cross_attention }: GPT2Config): GPT2Inputs {
  const alone = head === 'ForSequenceClassification' && pad_token_id === null
  const shape = [alone ? 1 : 'batch', 'sequence']
  const informed = add_cross_attention && (head === 'Model' || head === 'ForCausalLM')
  return {
    input_ids: input(shape, 'int32'),
    attention_mask: input(shape, 'int32'),
    ...(informed && {
      encoder_hidden_states: input(['batch', 'encoder_sequence', n_embd]),
      encoder_attention_mask: input(['batch', 'encoder_sequence'], 'int32'),
    }),
  }
}

export const architecture: Architecture<GPT2Config> = {
  config: GPT2Config,
  base_model_prefix: 'transformer',
  inputs,
  heads: {
    Model: (c) => GPT2Model(c),
    ForCausalLM: (c) => GPT2LMHeadModel(c),
    ForSequenceClassification: GPT2ForSequenceClassification,
    ForTokenClassification: GPT2ForTokenClassification,
    ForQuestionAnswering: GPT2ForQuestionAnswering,
  },
}
