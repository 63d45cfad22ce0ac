/** @file SigLIP (https://arxiv.org/abs/2303.15343), as transformers' modeling_siglip.py. */
import {
  additiveMask,
  applyLinear,
  attention,
  constant,
  conv2d,
  input,
  layerNorm,
  linear,
  module,
  parameter,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { comparison, TowerEncoder, TowerMLP, TowerTextEmbeddings } from '../contrastive-towers'
import { heightAndWidth } from '../image-size'
import { tokensOfMap } from '../spatial'
import {
  type AnySize,
  type ImageInputs,
  imageInputs,
  patchCount,
  positionsFor,
  toldOf,
} from '../vision-embeddings'
import { SiglipConfig, SiglipTextConfig, SiglipVisionConfig } from './configuration'

type TextInputs = Readonly<Record<'input_ids' | 'attention_mask', Tensor>>

/** The last token stands for the text, padding or not. */
const lastOf = (x: Tensor) => x.gather(constant([-1], [], 'int32'), 1)

const SiglipTextTransformer = (c: SiglipTextConfig) =>
  module({
    embeddings: TowerTextEmbeddings(c),
    encoder: TowerEncoder(c, { normsFirst: true }),
    final_layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
    head: linear(c.hidden_size, c.projection_size),
  }).forward((m, { input_ids, attention_mask }: TextInputs) => {
    const bias = additiveMask(attention_mask)
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(input_ids), bias)
    const last_hidden_state = m.final_layer_norm(hidden)
    return { last_hidden_state, pooler_output: m.head(lastOf(last_hidden_state)), hidden_states, attentions }
  })

const SiglipVisionEmbeddings = (c: SiglipVisionConfig & AnySize) => {
  const patch = heightAndWidth(c.patch_size)
  return module({
    patch_embedding: conv2d(c.num_channels, c.hidden_size, patch, { stride: patch }),
    position_embedding: { weight: parameter(patchCount(c), c.hidden_size) },
  }).forward((m, { pixel_values }: ImageInputs) => {
    const positions = positionsFor(c, m.position_embedding.weight.unsqueeze(0), 0, pixel_values)
    return tokensOfMap(m.patch_embedding(pixel_values)).add(positions)
  })
}

/** `torch.nn.MultiheadAttention` of one query over all patches: its queries, keys and values lie in one matrix. */
const PoolingAttention = ({ hidden_size: size, num_attention_heads }: SiglipVisionConfig) =>
  module({
    in_proj_weight: parameter(3 * size, size),
    in_proj_bias: parameter(3 * size),
    out_proj: linear(size, size),
  }).forward((m, query: Tensor, x: Tensor) => {
    const part = (of: Tensor, i: number) =>
      applyLinear(
        of,
        m.in_proj_weight.slice(0, i * size, (i + 1) * size),
        m.in_proj_bias.slice(0, i * size, (i + 1) * size),
      )
    const { context } = attention(part(query, 0), part(x, 1), part(x, 2), { heads: num_attention_heads })
    return m.out_proj(context)
  })

/** What a learned query finds in the patches. */
const SiglipMultiheadAttentionPoolingHead = (c: SiglipVisionConfig) =>
  module({
    probe: parameter(1, 1, c.hidden_size),
    attention: PoolingAttention(c),
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    mlp: TowerMLP(c),
  }).forward((m, x: Tensor) => {
    const found = m.attention(m.probe.expand(x.shape[0]!, 1, c.hidden_size), x)
    return found.add(m.mlp(m.layernorm(found))).squeeze(1)
  })

const SiglipVisionTransformer = (c: SiglipVisionConfig & AnySize) =>
  module({
    embeddings: SiglipVisionEmbeddings(c),
    encoder: TowerEncoder(c, { normsFirst: true }),
    post_layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    head: c.vision_use_head ? SiglipMultiheadAttentionPoolingHead(c) : undefined,
  }).forward((m, inputs: ImageInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const last_hidden_state = m.post_layernorm(hidden)
    return { last_hidden_state, pooler_output: m.head?.(last_hidden_state), hidden_states, attentions }
  })

const SiglipTextModel = (c: SiglipTextConfig) =>
  module({ text_model: SiglipTextTransformer(c) }).forward((m, inputs: TextInputs) => m.text_model(inputs))

const SiglipVisionModel = (c: SiglipVisionConfig & AnySize) =>
  module({ vision_model: SiglipVisionTransformer(c) }).forward((m, inputs: ImageInputs) =>
    m.vision_model(inputs),
  )

/** How well each of some images goes with each of some texts. */
const SiglipModel = (c: SiglipConfig & AnySize) =>
  module({
    logit_scale: parameter(1),
    logit_bias: parameter(1),
    text_model: SiglipTextTransformer(c.text_config),
    vision_model: SiglipVisionTransformer(toldOf(c, c.vision_config)),
  }).forward((m, inputs: TextInputs & ImageInputs) => {
    const [vision, text] = [m.vision_model(inputs), m.text_model(inputs)]
    return comparison(
      { ...text, features: text.pooler_output },
      { ...vision, features: vision.pooler_output! },
      (similarity) => similarity.mul(m.logit_scale.exp()).add(m.logit_bias),
    )
  })

/** The mean of the patches stands for the image. */
const SiglipForImageClassification = (c: SiglipConfig & AnySize) =>
  module({
    vision_model: SiglipVisionTransformer(toldOf(c, c.vision_config)),
    classifier: linear(c.vision_config.hidden_size, c.num_labels),
  }).forward((m, inputs: ImageInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.vision_model(inputs)
    return { logits: m.classifier(last_hidden_state.mean([1])), hidden_states, attentions }
  })

const texts = (): TextInputs => ({
  input_ids: input(['batch', 'sequence'], 'int32'),
  attention_mask: input(['batch', 'sequence'], 'int32'),
})

function inputs(head: Head, config: SiglipConfig & AnySize): Inputs {
  const c = toldOf(config, config.vision_config)
  if (head === 'ForImageClassification') return imageInputs(c)
  return { ...texts(), ...imageInputs(c, 'images') }
}

/** The tower that reads texts, by itself. */
export const textArchitecture: Architecture<SiglipTextConfig> = {
  config: SiglipTextConfig,
  base_model_prefix: 'siglip',
  inputs: texts,
  otherHeads: { TextModel: 'Model' },
  heads: { Model: SiglipTextModel },
}

/** The tower that sees images, by itself. */
export const visionArchitecture: Architecture<SiglipVisionConfig> = {
  config: SiglipVisionConfig,
  base_model_prefix: 'siglip',
  inputs: (_, c) => imageInputs(c),
  otherHeads: { VisionModel: 'Model' },
  heads: { Model: SiglipVisionModel },
}

export const architecture: Architecture<SiglipConfig> = {
  config: SiglipConfig,
  base_model_prefix: 'siglip',
  inputs,
  ownStack: 'vision',
  parts: {
    TextModel: { key: 'text_config', model_type: 'siglip_text_model', head: 'Model' },
    VisionModel: { key: 'vision_config', model_type: 'siglip_vision_model', head: 'Model' },
  },
  heads: { Model: SiglipModel, ForImageClassification: SiglipForImageClassification },
}
