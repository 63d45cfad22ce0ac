/** @file CLAP (https://arxiv.org/abs/2211.06687), as transformers' modeling_clap.py: sounds and texts in one space. */
import {
  type Activation,
  activations,
  input,
  linear,
  module,
  parameter,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs, Tables } from '../architecture'
import { listsOf, normalized } from '../contrastive-towers'
import { RobertaModel } from '../roberta/modeling'
import { runningStatistics } from '../running-statistics'
import { windowTables } from '../swin/windows'
import { type AudioInputs, audioInputs, ClapAudioModel } from './audio'
import { ClapAudioConfig, ClapConfig, ClapTextConfig } from './configuration'

type TextInputs = Readonly<Record<'input_ids' | 'attention_mask', Tensor>>

interface ProjectionConfig {
  readonly hidden_size: number
  readonly projection_dim: number
  readonly projection_hidden_act: Activation
}

const ClapProjectionLayer = (c: ProjectionConfig) =>
  module({
    linear1: linear(c.hidden_size, c.projection_dim),
    linear2: linear(c.projection_dim, c.projection_dim),
  }).forward((m, x: Tensor) => m.linear2(activations[c.projection_hidden_act](m.linear1(x))))

/** RoBERTa, of whose texts all tokens are of one type. */
const ClapTextModel = (c: ClapTextConfig) => {
  const model = RobertaModel(c)
  return module(model.children).forward((_, inputs: TextInputs) =>
    model({ ...inputs, token_type_ids: inputs.input_ids.mul(0) }),
  )
}

const ClapTextModelWithProjection = (c: ClapTextConfig) =>
  module({ text_model: ClapTextModel(c), text_projection: ClapProjectionLayer(c) }).forward(
    (m, inputs: TextInputs) => {
      const { pooler_output, ...rest } = m.text_model(inputs)
      return { text_embeds: m.text_projection(pooler_output!), ...rest }
    },
  )

const ClapAudioModelWithProjection = (c: ClapAudioConfig) =>
  module({ audio_model: ClapAudioModel(c), audio_projection: ClapProjectionLayer(c) }).forward(
    (m, inputs: AudioInputs) => {
      const { pooler_output, ...rest } = m.audio_model(inputs)
      return { audio_embeds: m.audio_projection(pooler_output), ...rest }
    },
  )

/** How well each of some sounds goes with each of some texts. */
const ClapModel = (c: ClapConfig) =>
  module({
    logit_scale_a: parameter(),
    logit_scale_t: parameter(),
    text_model: ClapTextModel(c.text_config),
    text_projection: ClapProjectionLayer(c.text_config),
    audio_model: ClapAudioModel(c.audio_config),
    audio_projection: ClapProjectionLayer(c.audio_config),
  }).forward((m, inputs: TextInputs & AudioInputs) => {
    const [audio, text] = [m.audio_model(inputs), m.text_model(inputs)]
    const audio_features = m.audio_projection(audio.pooler_output)
    const text_features = m.text_projection(text.pooler_output!)
    const [audio_embeds, text_embeds] = [normalized(audio_features), normalized(text_features)]
    return {
      logits_per_audio: audio_embeds.matmul(text_embeds.T).mul(m.logit_scale_a.exp()),
      logits_per_text: text_embeds.matmul(audio_embeds.T).mul(m.logit_scale_t.exp()),
      text_embeds,
      audio_embeds,
      ...listsOf('text', text),
      ...listsOf('audio', audio),
    }
  })

const texts = (): TextInputs => ({
  input_ids: input(['batch', 'sequence'], 'int32'),
  attention_mask: input(['batch', 'sequence'], 'int32'),
})

/** Beside the embeddings of positions, Python saves their numbers and the only type that tokens have. */
const positionTables: Tables = {
  'position_embeddings.weight': ([count]) => ({
    position_ids: { shape: [1, count!], values: Array.from({ length: count! }, (_, i) => i) },
    token_type_ids: { shape: [1, count!], values: Array.from({ length: count! }, () => 0) },
  }),
}

/** The tower that reads texts, by itself. */
export const textArchitecture: Architecture<ClapTextConfig> = {
  config: ClapTextConfig,
  base_model_prefix: 'clap',
  inputs: texts,
  tables: positionTables,
  otherHeads: { TextModel: 'Model', TextModelWithProjection: 'ModelWithProjection' },
  heads: { Model: ClapTextModel, ModelWithProjection: ClapTextModelWithProjection },
}

/** The tower that hears, by itself. */
export const audioArchitecture: Architecture<ClapAudioConfig> = {
  config: ClapAudioConfig,
  base_model_prefix: 'clap',
  inputs: (_, c) => audioInputs(c),
  buffers: runningStatistics,
  tables: windowTables,
  otherHeads: { AudioModel: 'Model', AudioModelWithProjection: 'ModelWithProjection' },
  heads: { Model: ClapAudioModel, ModelWithProjection: ClapAudioModelWithProjection },
}

const [text, audio] = [
  { key: 'text_config', model_type: 'clap_text_model' },
  { key: 'audio_config', model_type: 'clap_audio_model' },
]

export const architecture: Architecture<ClapConfig> = {
  config: ClapConfig,
  base_model_prefix: 'clap',
  inputs: (_: Head, c): Inputs => ({ ...texts(), ...audioInputs(c.audio_config, 'sounds') }),
  buffers: runningStatistics,
  tables: { ...positionTables, ...windowTables },
  ownStack: 'audio',
  parts: {
    TextModel: { ...text, head: 'Model' },
    TextModelWithProjection: { ...text, head: 'ModelWithProjection' },
    AudioModel: { ...audio, head: 'Model' },
    AudioModelWithProjection: { ...audio, head: 'ModelWithProjection' },
  },
  heads: { Model: ClapModel },
}
