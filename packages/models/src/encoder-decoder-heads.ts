/** @file The heads of BART and its relatives, over the encoder and the decoder of each of them. */
import { dropout, input, linear, type Module, module, parameter, type Tensor } from '@webformers/graph'
import type { Head, Inputs } from './architecture'
import { type decode, type Embedding, type Encoded, type encode, wordEmbedding } from './encoder-decoder'
import type { EncoderDecoderConfig as Config } from './encoder-decoder-configuration'
import { lastToken } from './last-token'

export type EncoderInputs = Readonly<Record<'input_ids' | 'attention_mask', Tensor>>
type PairInputs = EncoderInputs & Readonly<Record<'decoder_input_ids' | 'decoder_attention_mask', Tensor>>
/** A decoder by itself may read what an encoder gave. */
type CausalInputs = EncoderInputs &
  Readonly<Partial<Record<'encoder_hidden_states' | 'encoder_attention_mask', Tensor>>>

/** What makes one model of this family another. */
export interface Family<C extends Config> {
  Encoder(c: C, embed_tokens: Embedding): Module & ((inputs: EncoderInputs) => ReturnType<typeof encode>)
  Decoder(
    c: C,
    embed_tokens: Embedding,
  ): Module & ((ids: Tensor, keep: Tensor, encoded?: Encoded) => ReturnType<typeof decode>)
  /** The tables of words, where encoder and decoder do not share one. */
  tables?(c: C): { readonly shared?: Embedding; readonly encoder: Embedding; readonly decoder: Embedding }
  /** What the decoder reads where it is given nothing but the encoder's ids. */
  shift?(ids: Tensor, c: C): Tensor
  /** Whether scores of words have a bias, which nobody trains. */
  readonly finalLogitsBias: boolean
}

/** One table that encoder and decoder have a module each for, as in Python. */
function sharedTable(c: Config) {
  const shared = wordEmbedding(c)
  const another = (): Embedding => module(shared.children).forward((_, ids: Tensor) => shared(ids))
  return { shared, encoder: another(), decoder: another() }
}

/** What encoder and decoder gave, by Python's names. */
export const pairOutputs = (encoded: ReturnType<typeof encode>, decoded: ReturnType<typeof decode>) => ({
  last_hidden_state: decoded.last_hidden_state,
  decoder_hidden_states: decoded.hidden_states,
  decoder_attentions: decoded.attentions,
  cross_attentions: decoded.cross_attentions,
  encoder_last_hidden_state: encoded.last_hidden_state,
  encoder_hidden_states: encoded.hidden_states,
  encoder_attentions: encoded.attentions,
})

/** The encoder and the decoder, and which table the decoder's words are of. */
function build<C extends Config>({ Encoder, Decoder, tables = sharedTable }: Family<C>, c: C) {
  const { shared, encoder, decoder } = tables(c)
  const tree = { shared, encoder: Encoder(c, encoder), decoder: Decoder(c, decoder) }
  const model = module(tree).forward((m, inputs: PairInputs) => {
    const encoder = m.encoder(inputs)
    const encoded = { states: encoder.last_hidden_state, keep: inputs.attention_mask }
    const decoded = m.decoder(inputs.decoder_input_ids, inputs.decoder_attention_mask, encoded)
    return pairOutputs(encoder, decoded)
  })
  return { model, words: decoder }
}

const encoderModel = <C extends Config>({ Encoder, tables = sharedTable }: Family<C>, c: C) => {
  const { shared, encoder } = tables(c)
  return module({ shared, encoder: Encoder(c, encoder) }).forward((m, inputs: EncoderInputs) =>
    m.encoder(inputs),
  )
}

const rowsOf = ({ children }: Embedding) => Number(children.weight.shape[0])

/** Scores of words, from the table that looks them up where both are tied. */
const scores = (c: Config, words: Embedding, count: number) =>
  linear(c.d_model, count, {
    bias: false,
    tied: c.tie_word_embeddings ? words.children.weight : undefined,
  })

function conditionalGeneration<C extends Config>(family: Family<C>, c: C) {
  const { model, words } = build(family, c)
  const count = rowsOf(words)
  return module({
    model,
    final_logits_bias: family.finalLogitsBias ? parameter(1, count) : undefined,
    lm_head: scores(c, words, count),
  }).forward((m, inputs: PairInputs) => {
    const { last_hidden_state, ...rest } = m.model(inputs)
    const logits = m.lm_head(last_hidden_state)
    return { logits: m.final_logits_bias ? logits.add(m.final_logits_bias) : logits, ...rest }
  })
}

/** The decoder alone; what is in its layers to look at an encoder stays unused where there is none. */
function causalLM<C extends Config>({ Decoder, tables = sharedTable }: Family<C>, c: C) {
  const { decoder: words } = tables(c)
  const model = module({ decoder: Decoder(c, words) }).forward((m, inputs: CausalInputs) => {
    const { encoder_hidden_states: states, encoder_attention_mask: keep } = inputs
    return m.decoder(inputs.input_ids, inputs.attention_mask, states && { states, ...(keep && { keep }) })
  })
  const lm_head = scores(c, words, c.tie_word_embeddings ? rowsOf(words) : c.vocab_size)
  return module({ model, lm_head }).forward((m, inputs: CausalInputs) => {
    const { last_hidden_state, ...rest } = m.model(inputs)
    return { logits: m.lm_head(last_hidden_state), ...rest }
  })
}

interface ClassifierConfig extends Config {
  readonly classifier_dropout: number
}

const ClassificationHead = (c: ClassifierConfig) =>
  module({
    dense: linear(c.d_model, c.d_model),
    out_proj: linear(c.d_model, c.num_labels),
  }).forward((m, x: Tensor) => {
    const hidden = m.dense(dropout(x, c.classifier_dropout)).tanh()
    return m.out_proj(dropout(hidden, c.classifier_dropout))
  })

type Shifting<C extends Config> = Family<C> & Required<Pick<Family<C>, 'shift'>>

/** The decoder reads the encoder's ids, all of which count, padding too. */
const withDecoderInputs = <C extends Config>(
  { shift }: Shifting<C>,
  c: C,
  { input_ids, attention_mask }: EncoderInputs,
): PairInputs => ({
  input_ids,
  attention_mask,
  decoder_input_ids: shift(input_ids, c),
  decoder_attention_mask: attention_mask.mul(0).add(1),
})

/** The last end-of-sequence token stands for the text. */
const sequenceClassification = <C extends ClassifierConfig>(family: Shifting<C>, c: C) =>
  module({ model: build(family, c).model, classification_head: ClassificationHead(c) }).forward(
    (m, inputs: EncoderInputs) => {
      const { last_hidden_state, ...rest } = m.model(withDecoderInputs(family, c, inputs))
      const ends = inputs.input_ids.equal(c.eos_token_id).cast('int32')
      return { logits: m.classification_head(lastToken(last_hidden_state, ends)), ...rest }
    },
  )

const questionAnswering = <C extends Config>(family: Shifting<C>, c: C) =>
  module({ model: build(family, c).model, qa_outputs: linear(c.d_model, 2) }).forward(
    (m, inputs: EncoderInputs) => {
      const { last_hidden_state, ...rest } = m.model(withDecoderInputs(family, c, inputs))
      const logits = m.qa_outputs(last_hidden_state) // [batch, sequence, 2]
      return { start_logits: logits.at(2, 0), end_logits: logits.at(2, 1), ...rest }
    },
  )

/** The heads that all of these models have. */
export const translators = <C extends Config>(family: Family<C>) => ({
  Model: (c: C) => build(family, c).model,
  EncoderModel: (c: C) => encoderModel(family, c),
  ForConditionalGeneration: (c: C) => conditionalGeneration(family, c),
})

export const causalLanguageModels = <C extends Config>(family: Family<C>) => ({
  ForCausalLM: (c: C) => causalLM(family, c),
})

export const classifiers = <C extends ClassifierConfig>(family: Shifting<C>) => ({
  ForSequenceClassification: (c: C) => sequenceClassification(family, c),
  ForQuestionAnswering: (c: C) => questionAnswering(family, c),
})

/** A text for the encoder and, where it is another, one for the decoder; for a decoder alone its text, and the encoder's states
 * where the configuration adds the attention to them. */
export function pairInputs(head: Head, { d_model, add_cross_attention }: Config): Inputs {
  const text = (prefix: string) => ({
    [`${prefix}input_ids`]: input(['batch', `${prefix}sequence`], 'int32'),
    [`${prefix}attention_mask`]: input(['batch', `${prefix}sequence`], 'int32'),
  })
  const states = {
    encoder_hidden_states: input(['batch', 'encoder_sequence', d_model]),
    encoder_attention_mask: input(['batch', 'encoder_sequence'], 'int32'),
  }
  if (head === 'ForCausalLM') return { ...text(''), ...(add_cross_attention && states) }
  const pair = head === 'Model' || head === 'ForConditionalGeneration'
  return { ...text(''), ...(pair && text('decoder_')) }
}
