/** @file Wav2Vec2 (https://arxiv.org/abs/2006.11477), as transformers' modeling_wav2vec2.py. */
import { module } from '@webformers/graph'
import type { Architecture } from '../architecture'
import { weightNorm } from '../names'
import { type WaveformInputs, WaveformModel } from '../waveform-encoder'
import { ctc, sequenceClassification, waveformInputs } from '../waveform-heads'
import { Wav2Vec2Config } from './configuration'

export const Wav2Vec2Model = (c: Wav2Vec2Config) => {
  const model = WaveformModel(c)
  return module(model.children).forward((_, inputs: WaveformInputs) => {
    const { keep: _keep, ...outputs } = model(inputs)
    return outputs
  })
}

export const architecture: Architecture<Wav2Vec2Config> = {
  config: Wav2Vec2Config,
  base_model_prefix: 'wav2vec2',
  inputs: waveformInputs,
  aliases: weightNorm,
  otherHeads: { ForAudioClassification: 'ForSequenceClassification' },
  heads: {
    Model: Wav2Vec2Model,
    ForCTC: (c) => ctc(c, { wav2vec2: WaveformModel(c) }),
    ForSequenceClassification: (c) => sequenceClassification(c, { wav2vec2: WaveformModel(c) }),
  },
}
