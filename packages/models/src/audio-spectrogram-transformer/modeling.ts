/** @file AST (https://arxiv.org/abs/2104.01778), as transformers' modeling_audio_spectrogram_transformer.py: a vision transformer over
 * spectrograms. */
import {
  concat,
  conv2d,
  dropout,
  input,
  layerNorm,
  linear,
  module,
  parameter,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { VisionEncoder, VisionLayer, visionLayers } from '../vision-transformer'
import { ASTConfig } from './configuration'

type SoundInputs = Readonly<Record<'input_values', Tensor>>

/** How many patches lie along an axis. */
const count = (size: number, patch: number, stride: number) => Math.floor((size - patch) / stride) + 1

/** Patches of a spectrogram overlap. */
const ASTPatchEmbeddings = (c: ASTConfig) =>
  module({
    projection: conv2d(1, c.hidden_size, c.patch_size, { stride: [c.frequency_stride, c.time_stride] }),
  }).forward((m, { input_values }: SoundInputs) => {
    const patches = m.projection(input_values.transpose(0, 2, 1).unsqueeze(1)) // [batch, hidden, frequencies, times]
    const [batch, hidden, frequencies, times] = patches.shape
    return patches.reshape(batch!, hidden!, Number(frequencies) * Number(times)).transpose(0, 2, 1)
  })

const ASTEmbeddings = (c: ASTConfig) => {
  const frequencies = count(c.num_mel_bins, c.patch_size, c.frequency_stride)
  const times = count(c.max_length, c.patch_size, c.time_stride)
  return module({
    cls_token: parameter(1, 1, c.hidden_size),
    distillation_token: parameter(1, 1, c.hidden_size),
    position_embeddings: parameter(1, frequencies * times + 2, c.hidden_size),
    patch_embeddings: ASTPatchEmbeddings(c),
  }).forward((m, inputs: SoundInputs) => {
    const patches = m.patch_embeddings(inputs)
    const first = [m.cls_token, m.distillation_token].map((token) =>
      token.expand(patches.shape[0]!, 1, c.hidden_size),
    )
    return dropout(concat([...first, patches], 1).add(m.position_embeddings), c.hidden_dropout_prob)
  })
}

const ASTModel = (c: ASTConfig) =>
  module({
    embeddings: ASTEmbeddings(c),
    encoder: VisionEncoder(visionLayers(c, VisionLayer)),
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, inputs: SoundInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const last_hidden_state = m.layernorm(hidden)
    const pooler_output = last_hidden_state.at(1, 0).add(last_hidden_state.at(1, 1)).div(2)
    const states = hidden_states.with(-1, last_hidden_state)
    return { last_hidden_state, pooler_output, hidden_states: states, attentions }
  })

const ASTMLPHead = (c: ASTConfig) =>
  module({
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    dense: linear(c.hidden_size, c.num_labels),
  }).forward((m, x: Tensor) => m.dense(m.layernorm(x)))

const ASTForAudioClassification = (c: ASTConfig) =>
  module({ audio_spectrogram_transformer: ASTModel(c), classifier: ASTMLPHead(c) }).forward(
    (m, inputs: SoundInputs) => {
      const { pooler_output, hidden_states, attentions } = m.audio_spectrogram_transformer(inputs)
      return { logits: m.classifier(pooler_output), hidden_states, attentions }
    },
  )

const inputs = (_: Head, c: ASTConfig): SoundInputs => ({
  input_values: input(['batch', c.max_length, c.num_mel_bins]),
})

export const architecture: Architecture<ASTConfig> = {
  config: ASTConfig,
  base_model_prefix: 'audio_spectrogram_transformer',
  inputs,
  heads: { Model: ASTModel, ForAudioClassification: ASTForAudioClassification },
}
