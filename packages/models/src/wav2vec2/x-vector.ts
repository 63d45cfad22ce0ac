/** @file X-vectors (https://doi.org/10.1109/ICASSP.2018.8461375): what is alike in all that one speaker says, over Wav2Vec2, as in
 * transformers' modeling_wav2vec2.py. */
import { applyConvolution, arange, concat, linear, module, parameter, type Tensor } from '@webformers/graph'
import { type WaveformInputs, WaveformModel } from '../waveform-encoder'
import { frameCounts } from '../waveform-features'
import { weightedSum } from '../weighted-sum'
import type { Wav2Vec2Config } from './configuration'

/** A convolution over frames whose weight is kept as that of a linear layer over all that a window reads. */
const TDNNLayer = (c: Wav2Vec2Config, index: number) => {
  const [inputs, outputs] = [c.tdnn_dim[Math.max(index - 1, 0)]!, c.tdnn_dim[index]!]
  const kernel = c.tdnn_kernel[index]!
  return module({ kernel: linear(inputs * kernel, outputs) }).forward((m, x: Tensor) => {
    const { weight, bias } = m.kernel.children
    const windows = weight.reshape(outputs, kernel, inputs).transpose(0, 2, 1)
    const options = { dilation: c.tdnn_dilation[index]! }
    return applyConvolution(x.transpose(0, 2, 1), windows, bias, options)
      .transpose(0, 2, 1)
      .relu()
  })
}

/** Which of the frames that are left [batch, frames, 1] are counted: more than are whole, as Python forgets that windows have gaps. */
function counted(c: Wav2Vec2Config, mask: Tensor, frames: Tensor): Tensor {
  const lengths = c.tdnn_kernel.reduce((length, kernel) => length.sub(kernel - 1), frameCounts(c, mask))
  return arange(String(frames.shape[1])).less(lengths).cast('float32').unsqueeze(-1)
}

/** The mean of frames over time and how far they lie from it, [batch, 2 × channels]. */
function statistics(frames: Tensor, keep: Tensor): Tensor {
  const count = keep.sum([1]) // [batch, 1]
  const mean = frames.mul(keep).sum([1]).div(count)
  const apart = frames.sub(mean.unsqueeze(1)).mul(keep)
  const variance = apart.mul(apart).sum([1]).div(count.sub(1))
  const varies = variance.greater(0) // of a root nothing is differentiated where it is zero
  return concat([mean, varies.where(varies.where(variance, 1).sqrt(), 0)], 1)
}

const unit = (x: Tensor, axis: number) => x.div(x.mul(x).sum([axis], { keepdims: true }).sqrt())

/** `embeddings` and `logits`, both [batch, xvector_output_dim], of which sounds of one speaker have similar ones; and for the loss
 * alone the cosines between these and the speakers that it knows. */
export const Wav2Vec2ForXVector = (c: Wav2Vec2Config) =>
  module({
    wav2vec2: WaveformModel(c),
    layer_weights: c.use_weighted_layer_sum ? parameter(c.num_hidden_layers + 1) : undefined,
    projector: linear(c.hidden_size, c.tdnn_dim[0]!),
    tdnn: c.tdnn_dim.map((_, index) => TDNNLayer(c, index)),
    feature_extractor: linear(2 * c.tdnn_dim.at(-1)!, c.xvector_output_dim),
    classifier: linear(c.xvector_output_dim, c.xvector_output_dim),
    objective: { weight: parameter(c.xvector_output_dim, c.num_labels) },
  }).forward((m, inputs: WaveformInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.wav2vec2(inputs)
    const states = m.layer_weights ? weightedSum(hidden_states, m.layer_weights) : last_hidden_state
    const frames = m.tdnn.reduce<Tensor>((x, layer) => layer(x), m.projector(states))
    const embeddings = m.feature_extractor(statistics(frames, counted(c, inputs.attention_mask, frames)))
    const logits = m.classifier(embeddings)
    const speaker_cosines = unit(logits, 1).matmul(unit(m.objective.weight, 0))
    return { logits, embeddings, hidden_states, attentions, speaker_cosines }
  })
