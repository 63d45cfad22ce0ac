/** @file The heads of Wav2Vec2 and HuBERT, over the model that both are. */
import { dropout, input, linear, type Module, module, parameter } from '@webformers/graph'
import type { WaveformConfig as Config } from './waveform-configuration'
import type { WaveformInputs, WaveformModel } from './waveform-encoder'
import { weightedSum } from './weighted-sum'

type Heard = ReturnType<ReturnType<typeof WaveformModel>>
/** The model under the name that its heads know it by. */
type Named = Record<string, Module & ((inputs: WaveformInputs) => Heard)>

/** A score for each token, and for none, at each frame. */
export const ctc = (c: Config, named: Named) => {
  const [model] = Object.values(named)
  return module({ ...named, lm_head: linear(c.hidden_size, c.vocab_size) }).forward(
    (m, inputs: WaveformInputs) => {
      const { last_hidden_state, hidden_states, attentions } = model!(inputs)
      const logits = m.lm_head(dropout(last_hidden_state, c.final_dropout))
      return { logits, hidden_states, attentions }
    },
  )
}

/** The mean of the frames stands for the sound. */
export const sequenceClassification = (c: Config, named: Named) => {
  const [model] = Object.values(named)
  return module({
    ...named,
    layer_weights: c.use_weighted_layer_sum ? parameter(c.num_hidden_layers + 1) : undefined,
    projector: linear(c.hidden_size, c.classifier_proj_size),
    classifier: linear(c.classifier_proj_size, c.num_labels),
  }).forward((m, inputs: WaveformInputs) => {
    const { last_hidden_state, hidden_states, attentions, keep } = model!(inputs)
    const states = m.layer_weights ? weightedSum(hidden_states, m.layer_weights) : last_hidden_state
    const counted = keep.cast('float32').unsqueeze(-1)
    const mean = m
      .projector(states)
      .mul(counted)
      .sum([1])
      .div(counted.sum([1]))
    return { logits: m.classifier(mean), hidden_states, attentions }
  })
}

/** Labels of each frame, several of them at once. */
export const audioFrameClassification = (c: Config, named: Named) => {
  const [model] = Object.values(named)
  return module({
    ...named,
    layer_weights: c.use_weighted_layer_sum ? parameter(c.num_hidden_layers + 1) : undefined,
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: WaveformInputs) => {
    const { last_hidden_state, hidden_states, attentions } = model!(inputs)
    const states = m.layer_weights ? weightedSum(hidden_states, m.layer_weights) : last_hidden_state
    return { logits: m.classifier(states), hidden_states, attentions }
  })
}

/** Samples, and which of them are no padding. */
export const waveformInputs = (): WaveformInputs => ({
  input_values: input(['batch', 'samples']),
  attention_mask: input(['batch', 'samples'], 'int32'),
})
