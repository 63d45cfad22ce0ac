/** @file Wav2Vec2 (https://arxiv.org/abs/2006.11477), as transformers' modeling_wav2vec2.py. */
import { module } from '@webformers/graph'
import type { Architecture } from '../architecture'
import { weightNorm } from '../names'
import { type WaveformInputs, WaveformModel } from '../waveform-encoder'
import { audioFrameClassification, ctc, sequenceClassification, waveformInputs } from '../waveform-heads'
import { Wav2Vec2Config } from './configuration'
import { Wav2Vec2ForXVector } from './x-vector'

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
  otherHeads: {
    ForAudioClassification: 'ForSequenceClassification',
    ForAudioXVector: 'ForXVector',
  },
  heads: {
    Model: Wav2Vec2Model,
    ForCTC: (c) => ctc(c, { wav2vec2: WaveformModel(c) }),
    ForSequenceClassification: (c) => sequenceClassification(c, { wav2vec2: WaveformModel(c) }),
    ForAudioFrameClassification: (c) => audioFrameClassification(c, { wav2vec2: WaveformModel(c) }),
    ForXVector: Wav2Vec2ForXVector,
  },
}
