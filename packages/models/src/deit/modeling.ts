/** @file DeiT (https://arxiv.org/abs/2012.12877), as transformers' modeling_deit.py: ViT with a token that learns from a teacher. */
import { layerNorm, linear, module } from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { type AnySize, type ImageInputs, imageInputs, VisionEmbeddings } from '../vision-embeddings'
import { VisionEncoder, VisionLayer, VisionPooler, visionLayers } from '../vision-transformer'
import { DeiTConfig } from './configuration'

export const DeiTModel = (c: DeiTConfig & AnySize, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: VisionEmbeddings(c, ['cls_token', 'distillation_token']),
    encoder: VisionEncoder(visionLayers(c, VisionLayer)),
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    pooler: add_pooling_layer ? VisionPooler(c) : undefined,
  }).forward((m, inputs: ImageInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const last_hidden_state = m.layernorm(hidden)
    return { last_hidden_state, pooler_output: m.pooler?.(last_hidden_state), hidden_states, attentions }
  })

export const DeiTForImageClassification = (c: DeiTConfig) =>
  module({
    deit: DeiTModel(c, { add_pooling_layer: false }),
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: ImageInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.deit(inputs)
    return { logits: m.classifier(last_hidden_state.at(1, 0)), hidden_states, attentions }
  })

/** Each of the two tokens has a classifier; the answer is the mean of both. */
export const DeiTForImageClassificationWithTeacher = (c: DeiTConfig) =>
  module({
    deit: DeiTModel(c, { add_pooling_layer: false }),
    cls_classifier: linear(c.hidden_size, c.num_labels),
    distillation_classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: ImageInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.deit(inputs)
    const cls_logits = m.cls_classifier(last_hidden_state.at(1, 0))
    const distillation_logits = m.distillation_classifier(last_hidden_state.at(1, 1))
    const logits = cls_logits.add(distillation_logits).div(2)
    return { logits, cls_logits, distillation_logits, hidden_states, attentions }
  })

export const architecture: Architecture<DeiTConfig> = {
  config: DeiTConfig,
  base_model_prefix: 'deit',
  inputs: (_: Head, c) => imageInputs(c),
  heads: {
    Model: DeiTModel,
    ForImageClassification: DeiTForImageClassification,
    ForImageClassificationWithTeacher: DeiTForImageClassificationWithTeacher,
  },
}
