/** @file Whisper (https://arxiv.org/abs/2212.04356), as transformers' modeling_whisper.py. */
import {
  activations,
  conv1d,
  embedding,
  input,
  linear,
  module,
  parameter,
  positions,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import {
  decode,
  decoderLayers,
  type Encoded,
  encode,
  encoderLayers,
  norm,
  wordEmbedding,
} from '../encoder-decoder'
import { pairOutputs } from '../encoder-decoder-heads'
import { weightedSum } from '../weighted-sum'
import { WhisperConfig } from './configuration'

type AudioInputs = Readonly<Record<'input_features', Tensor>>
type PairInputs = AudioInputs & Readonly<Record<'decoder_input_ids' | 'decoder_attention_mask', Tensor>>

/** Softmax does not see a bias of keys, so that they have none. */
const WITHOUT_KEY_BIAS = { keyBias: false }

/** Two frames of a spectrogram make one position of the encoder. */
const STRIDE = 2

const WhisperEncoder = (c: WhisperConfig) =>
  module({
    conv1: conv1d(c.num_mel_bins, c.d_model, 3, { padding: 1 }),
    conv2: conv1d(c.d_model, c.d_model, 3, { stride: STRIDE, padding: 1 }),
    embed_positions: { weight: parameter(c.max_source_positions, c.d_model) },
    layers: encoderLayers(c, 'before', WITHOUT_KEY_BIAS),
    layer_norm: norm(c),
  }).forward((m, { input_features }: AudioInputs) => {
    const { gelu } = activations
    const frames = gelu(m.conv2(gelu(m.conv1(input_features)))).transpose(0, 2, 1) // [batch, frames, d_model]
    return encode(c, m.layers, frames.add(m.embed_positions.weight), undefined, m.layer_norm)
  })

const WhisperDecoder = (c: WhisperConfig) =>
  module({
    embed_tokens: wordEmbedding(c),
    embed_positions: embedding(c.max_target_positions, c.d_model),
    layers: decoderLayers(c, 'before', WITHOUT_KEY_BIAS),
    layer_norm: norm(c),
  }).forward((m, ids: Tensor, keep: Tensor, encoded: Encoded) => {
    const embeddings = m.embed_tokens(ids).add(m.embed_positions(positions(String(ids.shape[1]))))
    return decode(c, m.layers, embeddings, keep, encoded, m.layer_norm)
  })

export const WhisperModel = (c: WhisperConfig) =>
  module({ encoder: WhisperEncoder(c), decoder: WhisperDecoder(c) }).forward((m, inputs: PairInputs) => {
    const encoded = m.encoder(inputs)
    const states = { states: encoded.last_hidden_state }
    return pairOutputs(encoded, m.decoder(inputs.decoder_input_ids, inputs.decoder_attention_mask, states))
  })

export const WhisperForConditionalGeneration = (c: WhisperConfig) => {
  const model = WhisperModel(c)
  const words = model.children.decoder.children.embed_tokens.children.weight
  const tied = c.tie_word_embeddings ? words : undefined
  return module({ model, proj_out: linear(c.d_model, c.vocab_size, { bias: false, tied }) }).forward(
    (m, inputs: PairInputs) => {
      const { last_hidden_state, ...rest } = m.model(inputs)
      return { logits: m.proj_out(last_hidden_state), ...rest }
    },
  )
}

export const WhisperForAudioClassification = (c: WhisperConfig) =>
  module({
    encoder: WhisperEncoder(c),
    layer_weights: c.use_weighted_layer_sum ? parameter(c.encoder_layers + 1) : undefined,
    projector: linear(c.d_model, c.classifier_proj_size),
    classifier: linear(c.classifier_proj_size, c.num_labels),
  }).forward((m, inputs: AudioInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.encoder(inputs)
    const states = m.layer_weights ? weightedSum(hidden_states, m.layer_weights) : last_hidden_state
    return { logits: m.classifier(m.projector(states).mean([1])), hidden_states, attentions }
  })

/** A spectrogram of exactly so many frames, and, but for a classifier, what a decoder begins with. */
function inputs(head: Head, c: WhisperConfig): Inputs {
  const text = () => input(['batch', 'decoder_sequence'], 'int32')
  return {
    input_features: input(['batch', c.num_mel_bins, STRIDE * c.max_source_positions]),
    ...(head !== 'ForAudioClassification' && { decoder_input_ids: text(), decoder_attention_mask: text() }),
  }
}

export const architecture: Architecture<WhisperConfig> = {
  config: WhisperConfig,
  base_model_prefix: 'model',
  inputs,
  frozen: /(^|[.])encoder[.]embed_positions[.]weight$/,
  initial: { 'encoder.embed_positions.weight': 'sinusoids' },
  generation: 'speech',
  heads: {
    Model: WhisperModel,
    ForConditionalGeneration: WhisperForConditionalGeneration,
    ForAudioClassification: WhisperForAudioClassification,
  },
}
