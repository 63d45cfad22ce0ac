/** @file HuBERT (https://arxiv.org/abs/2106.07447), as transformers' modeling_hubert.py. */
import { module } from '@webformers/graph'
import type { Architecture } from '../architecture'
import { weightNorm } from '../names'
import { type WaveformInputs, WaveformModel } from '../waveform-encoder'
import { ctc, sequenceClassification, waveformInputs } from '../waveform-heads'
import { HubertConfig } from './configuration'

export const HubertModel = (c: HubertConfig) => {
  const model = WaveformModel(c)
  return module(model.children).forward((_, inputs: WaveformInputs) => {
    const { last_hidden_state, hidden_states, attentions } = model(inputs)
    return { last_hidden_state, hidden_states, attentions }
  })
}

export const architecture: Architecture<HubertConfig> = {
  config: HubertConfig,
  base_model_prefix: 'hubert',
  inputs: waveformInputs,
  aliases: weightNorm,
  buffers: ['batch_norm.running_mean', 'batch_norm.running_var', 'batch_norm.num_batches_tracked'],
  otherHeads: { ForAudioClassification: 'ForSequenceClassification' },
  heads: {
    Model: HubertModel,
    ForCTC: (c) => ctc(c, { hubert: WaveformModel(c) }),
    ForSequenceClassification: (c) => sequenceClassification(c, { hubert: WaveformModel(c) }),
  },
}
