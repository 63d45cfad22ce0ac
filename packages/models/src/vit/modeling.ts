/** @file ViT (https://arxiv.org/abs/2010.11929), as transformers' modeling_vit.py. */
import { layerNorm, linear, module } from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { type AnySize, type ImageInputs, imageInputs, VisionEmbeddings } from '../vision-embeddings'
import { VisionEncoder, VisionLayer, VisionPooler, visionLayers } from '../vision-transformer'
import { ViTConfig } from './configuration'

export const ViTModel = (c: ViTConfig & AnySize, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: VisionEmbeddings(c, ['cls_token']),
    encoder: VisionEncoder(visionLayers(c, VisionLayer)),
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    pooler: add_pooling_layer ? VisionPooler(c) : undefined,
  }).forward((m, inputs: ImageInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const last_hidden_state = m.layernorm(hidden)
    return { last_hidden_state, pooler_output: m.pooler?.(last_hidden_state), hidden_states, attentions }
  })

export const ViTForImageClassification = (c: ViTConfig) =>
  module({
    vit: ViTModel(c, { add_pooling_layer: false }),
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward((m, inputs: ImageInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.vit(inputs)
    return { logits: m.classifier(last_hidden_state.at(1, 0)), hidden_states, attentions }
  })

export const architecture: Architecture<ViTConfig> = {
  config: ViTConfig,
  base_model_prefix: 'vit',
  inputs: (_: Head, c) => imageInputs(c),
  heads: { Model: ViTModel, ForImageClassification: ViTForImageClassification },
}
