/** @file The two towers of OWL-ViT, which are CLIP's with norms of their own, and the model that compares what they give. */
import { conv2d, layerNorm, linear, module, parameter, type Tensor } from '@webformers/graph'
import { causalBias } from '../clip/modeling'
import { comparison, TowerEncoder, TowerTextEmbeddings } from '../contrastive-towers'
import { firstToken } from '../first-token'
import { heightAndWidth } from '../image-size'
import { tokensOfMap } from '../spatial'
import {
  type AnySize,
  behind,
  type ImageInputs,
  patchCount,
  positionsFor,
  toldOf,
} from '../vision-embeddings'
import type { OwlViTConfig, OwlViTTextConfig, OwlViTVisionConfig } from './configuration'

export type TextQueries = Readonly<Record<'input_ids' | 'attention_mask', Tensor>>

const OwlViTTextTransformer = (c: OwlViTTextConfig) =>
  module({
    embeddings: TowerTextEmbeddings(c),
    encoder: TowerEncoder(c),
    final_layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, { input_ids, attention_mask }: TextQueries) => {
    const bias = causalBias(attention_mask)
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(input_ids), bias)
    const last_hidden_state = m.final_layer_norm(hidden)
    const ends = input_ids.equal(input_ids.max([1], { keepdims: true })) // no id is larger than that of the end
    const pooler_output = firstToken(last_hidden_state, ends.cast('int32'))
    return { last_hidden_state, pooler_output, hidden_states, attentions }
  })

const OwlViTVisionEmbeddings = (c: OwlViTVisionConfig & AnySize) => {
  const patch = heightAndWidth(c.patch_size)
  return module({
    class_embedding: parameter(c.hidden_size),
    patch_embedding: conv2d(c.num_channels, c.hidden_size, patch, { stride: patch, bias: false }),
    position_embedding: { weight: parameter(patchCount(c) + 1, c.hidden_size) },
  }).forward((m, { pixel_values }: ImageInputs) => {
    const patches = tokensOfMap(m.patch_embedding(pixel_values))
    const positions = m.position_embedding.weight.unsqueeze(0)
    return behind([m.class_embedding], patches).add(positionsFor(c, positions, 1, pixel_values))
  })
}

const OwlViTVisionTransformer = (c: OwlViTVisionConfig & AnySize) =>
  module({
    embeddings: OwlViTVisionEmbeddings(c),
    pre_layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    encoder: TowerEncoder(c),
    post_layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, inputs: ImageInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.pre_layernorm(m.embeddings(inputs)))
    const pooler_output = m.post_layernorm(hidden.at(1, 0))
    return { last_hidden_state: hidden, pooler_output, hidden_states, attentions }
  })

export const OwlViTTextModel = (c: OwlViTTextConfig) =>
  module({ text_model: OwlViTTextTransformer(c) }).forward((m, inputs: TextQueries) => m.text_model(inputs))

export const OwlViTVisionModel = (c: OwlViTVisionConfig & AnySize) =>
  module({ vision_model: OwlViTVisionTransformer(c) }).forward((m, inputs: ImageInputs) =>
    m.vision_model(inputs),
  )

/** How well each of some images goes with each of some texts. */
export const OwlViTModel = (c: OwlViTConfig & AnySize) =>
  module({
    logit_scale: parameter(),
    text_model: OwlViTTextTransformer(c.text_config),
    vision_model: OwlViTVisionTransformer(toldOf(c, c.vision_config)),
    visual_projection: linear(c.vision_config.hidden_size, c.projection_dim, { bias: false }),
    text_projection: linear(c.text_config.hidden_size, c.projection_dim, { bias: false }),
  }).forward((m, inputs: TextQueries & ImageInputs) => {
    const [vision, text] = [m.vision_model(inputs), m.text_model(inputs)]
    return comparison(
      { ...text, features: m.text_projection(text.pooler_output) },
      { ...vision, features: m.visual_projection(vision.pooler_output) },
      (similarity) => similarity.mul(m.logit_scale.exp()),
    )
  })
