/** @file The vision transformer that ViTPose and ViTPose+ (https://arxiv.org/abs/2204.12484, https://arxiv.org/abs/2212.04246) are
 * built on, as transformers' modeling_vitpose_backbone.py. */
import {
  activations,
  concat,
  dropout,
  input,
  layerNorm,
  linear,
  module,
  parameter,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { chosenStages } from '../backbone'
import {
  type ImageInputs,
  imageInputs,
  PatchEmbeddings,
  patchCount,
  withoutFirst,
} from '../vision-embeddings'
import { VisionAttention, VisionEncoder, visionLayers } from '../vision-transformer'
import { VitPoseBackboneConfig } from './configuration'

/** `dataset_index` is there where a layer has several experts: which of them each image is for. */
export type VitPoseInputs = ImageInputs & { readonly dataset_index?: Tensor }

/** Zeros around each image, so that patches begin beyond its edge. */
const MARGIN = 2

/** Each patch has its own position and that of the first token, which is not there. */
const VitPoseBackboneEmbeddings = (c: VitPoseBackboneConfig) =>
  module({
    patch_embeddings: PatchEmbeddings(c, { padding: MARGIN }),
    position_embeddings: parameter(1, patchCount(c) + 1, c.hidden_size),
  }).forward((m, { pixel_values }: ImageInputs) => {
    const [first, own] = [m.position_embeddings.slice(1, 0, 1), withoutFirst(m.position_embeddings, 1)]
    return dropout(m.patch_embeddings(pixel_values).add(own).add(first), c.hidden_dropout_prob)
  })

const innerSize = (c: VitPoseBackboneConfig) => Math.trunc(c.hidden_size * c.mlp_ratio)

const VitPoseBackboneMLP = (c: VitPoseBackboneConfig) =>
  module({
    fc1: linear(c.hidden_size, innerSize(c)),
    fc2: linear(innerSize(c), c.hidden_size),
  }).forward((m, x: Tensor) => m.fc2(activations[c.hidden_act](m.fc1(x))))

/** A part of what comes out is made by the expert of each image's data set alone. */
const VitPoseBackboneMoeMLP = (c: VitPoseBackboneConfig) => {
  const [inner, part] = [innerSize(c), c.part_features]
  return module({
    fc1: linear(c.hidden_size, inner),
    fc2: linear(inner, c.hidden_size - part),
    experts: Array.from({ length: c.num_experts }, () => linear(inner, part)),
  }).forward((m, x: Tensor, dataset: Tensor) => {
    const hidden = activations[c.hidden_act](m.fc1(x))
    const told = m.experts
      .map((expert, index) => expert(hidden).mul(dataset.equal(index).cast(hidden.dtype)))
      .reduce((a, b) => a.add(b)) // [batch, patches, part]
    return concat([m.fc2(hidden), told], 2)
  })
}

const VitPoseBackboneLayer = (c: VitPoseBackboneConfig, index: number) =>
  module({
    attention: VisionAttention(c, index),
    mlp: c.num_experts > 1 ? VitPoseBackboneMoeMLP(c) : VitPoseBackboneMLP(c),
    layernorm_before: layerNorm(c.hidden_size, c.layer_norm_eps),
    layernorm_after: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor, dataset: Tensor | undefined) => {
    const [attended, attentions] = m.attention(m.layernorm_before(x))
    const sum = attended.add(x)
    return [m.mlp(m.layernorm_after(sum), dataset!).add(sum), attentions] as const
  })

/** The stages that `out_features` names, as tokens [batch, patches, hidden]. */
export const VitPoseBackbone = (c: VitPoseBackboneConfig) =>
  module({
    embeddings: VitPoseBackboneEmbeddings(c),
    encoder: VisionEncoder(visionLayers(c, VitPoseBackboneLayer)),
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, { dataset_index, ...inputs }: VitPoseInputs) => {
    const { hidden_states, attentions } = m.encoder(
      m.embeddings(inputs),
      dataset_index?.reshape('batch', 1, 1),
    )
    const feature_maps = chosenStages(c, hidden_states).map((x) => m.layernorm(x))
    return { feature_maps, hidden_states, attentions }
  })

/** Images of one size, and where there are experts, for which of them each is. */
export const vitPoseInputs = (c: VitPoseBackboneConfig): VitPoseInputs => ({
  ...imageInputs(c),
  ...(c.num_experts > 1 && { dataset_index: input(['batch'], 'int32') }),
})

export const architecture: Architecture<VitPoseBackboneConfig> = {
  config: VitPoseBackboneConfig,
  base_model_prefix: 'vit',
  inputs: (_: Head, c): Inputs => ({ ...vitPoseInputs(c) }),
  heads: { Backbone: VitPoseBackbone },
}
