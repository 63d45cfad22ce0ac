/** @file What decoders share: their layers in turn, and the heads that transformers' modeling_layers.py has for all of them. */
import {
  causalMask,
  dropout,
  input,
  linear,
  type Module,
  module,
  type rmsNorm,
  type Tensor,
} from '@webformers/graph'
import type { Head, Inputs } from './architecture'
import type { PretrainedConfig } from './configuration'
import { lastToken } from './last-token'

export type DecoderInputs = Readonly<Record<'input_ids' | 'attention_mask', Tensor>>

/** What a layer reads besides the stream: how far positions turn, and where it may look. */
export interface LayerContext {
  readonly cos: Tensor
  readonly sin: Tensor
  readonly mask: Tensor
}

/** A layer gives what it adds to the stream apart from it, so that the norm that comes next can add them. */
export interface LayerOutputs {
  /** Their sum. */
  readonly output: Tensor
  /** The stream as it came in: a hidden state. */
  readonly hidden: Tensor
  readonly added: Tensor
  readonly stream: Tensor
  readonly attentions: Tensor
}
export type DecoderLayer = Module &
  ((added: Tensor, stream: Tensor | undefined, context: LayerContext) => LayerOutputs)

/** All layers, then the last norm; its output is the last of the hidden states, as in Python. */
export function decode(
  layers: readonly DecoderLayer[],
  norm: ReturnType<typeof rmsNorm>,
  embeddings: Tensor,
  contexts: readonly LayerContext[],
) {
  const hidden_states: Tensor[] = []
  const attentions: Tensor[] = []
  let [added, stream]: [Tensor, Tensor | undefined] = [embeddings, undefined]
  for (const [i, layer] of layers.entries()) {
    const outputs: LayerOutputs = layer(added, stream, contexts[i]!)
    hidden_states.push(outputs.hidden)
    attentions.push(outputs.attentions)
    ;[added, stream] = termsOf(outputs)
  }
  const last_hidden_state = norm(added, stream).normalized
  return { last_hidden_state, hidden_states: [...hidden_states, last_hidden_state], attentions }
}

/** What took the place of a layer's output is no sum of its two terms. */
function termsOf({ output, added, stream }: LayerOutputs): [added: Tensor, stream: Tensor | undefined] {
  const [a, b] = output.node.inputs
  return a === stream && b === added ? [added, stream] : [output, undefined]
}

/** The mask of each layer by its window; layers alike share one. */
export function causalMasks(keep: Tensor, windows: readonly (number | undefined)[]): Tensor[] {
  const masks = new Map([...new Set(windows)].map((window) => [window, causalMask(keep, { window })]))
  return windows.map((window) => masks.get(window)!)
}

/** Each head of `x` [batch, sequence, heads × size] normed by itself. */
export function normHeads(norm: ReturnType<typeof rmsNorm>, x: Tensor): Tensor {
  const [batch, sequence, width] = x.shape
  const [size] = norm.children.weight.shape
  const heads = x.reshape(batch!, sequence!, Number(width) / Number(size), size!)
  return norm(heads).normalized.reshape(...x.shape)
}

interface HeadConfig extends PretrainedConfig {
  readonly vocab_size: number
  readonly hidden_size: number
  readonly pad_token_id: number | null
}
type DecoderModel = ((inputs: DecoderInputs) => ReturnType<typeof decode>) & {
  readonly children: {
    readonly embed_tokens: { readonly children: { readonly weight: Tensor } }
  } & Module['children']
}

/** The next token after each; `softcap` bounds its logits. */
export const causalLM = (c: HeadConfig, model: DecoderModel, softcap: number | null = null) => {
  const tied = c.tie_word_embeddings ? model.children.embed_tokens.children.weight : undefined
  const lm_head = linear(c.hidden_size, c.vocab_size, { bias: false, tied })
  return module({ model, lm_head }).forward((m, inputs: DecoderInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.model(inputs)
    const scores = m.lm_head(last_hidden_state)
    const logits = softcap === null ? scores : scores.div(softcap).tanh().mul(softcap)
    return { logits, hidden_states, attentions }
  })
}

/** The last token that is not padding; without a padding token, the last one. */
export const sequenceClassification = (c: HeadConfig, model: DecoderModel) =>
  module({ model, score: linear(c.hidden_size, c.num_labels, { bias: false }) }).forward(
    (m, inputs: DecoderInputs) => {
      const { last_hidden_state, hidden_states, attentions } = m.model(inputs)
      const padding = inputs.input_ids.equal(c.pad_token_id ?? -1)
      const last = lastToken(last_hidden_state, padding.not().cast('int32'))
      return { logits: m.score(last), hidden_states, attentions }
    },
  )

export const tokenClassification = (
  c: HeadConfig & { readonly classifier_dropout?: number | null; readonly hidden_dropout?: number | null },
  model: DecoderModel,
) =>
  module({ model, score: linear(c.hidden_size, c.num_labels) }).forward((m, inputs: DecoderInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.model(inputs)
    const tokens = dropout(last_hidden_state, c.classifier_dropout ?? c.hidden_dropout ?? 0.1)
    return { logits: m.score(tokens), hidden_states, attentions }
  })

/** `name` is what the base model is called in the checkpoint. */
export const questionAnswering = (
  c: HeadConfig,
  model: DecoderModel,
  name: 'model' | 'transformer' = 'model',
) => {
  const qa_outputs = linear(c.hidden_size, 2)
  return module({ [name]: model, qa_outputs }).forward((_, inputs: DecoderInputs) => {
    const { last_hidden_state, hidden_states, attentions } = model(inputs)
    const logits = qa_outputs(last_hidden_state) // [batch, sequence, 2]
    return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), hidden_states, attentions }
  })
}

/** Texts with their masks; one at a time where nothing tells padding from tokens, as Python insists. */
export function decoderInputs(head: Head, { pad_token_id }: { pad_token_id: number | null }): Inputs {
  const alone = head === 'ForSequenceClassification' && pad_token_id === null
  const shape = [alone ? 1 : 'batch', 'sequence']
  return { input_ids: input(shape, 'int32'), attention_mask: input(shape, 'int32') }
}
