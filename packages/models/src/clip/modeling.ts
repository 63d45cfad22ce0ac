/** @file CLIP (https://arxiv.org/abs/2103.00020), as transformers' modeling_clip.py. */
import {
  additiveMask,
  conv2d,
  input,
  LOWEST,
  layerNorm,
  linear,
  module,
  parameter,
  places,
  scalar,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from '../architecture'
import { comparison, TowerEncoder, TowerTextEmbeddings } from '../contrastive-towers'
import { firstToken } from '../first-token'
import { heightAndWidth } from '../image-size'
import { tokensOfMap } from '../spatial'
import {
  type AnySize,
  behind,
  type ImageInputs,
  imageInputs,
  patchCount,
  positionsFor,
  toldOf,
  withoutFirst,
} from '../vision-embeddings'
import { CLIPConfig, CLIPTextConfig, CLIPVisionConfig } from './configuration'

export type TextTowerInputs = Readonly<Record<'input_ids' | 'attention_mask', Tensor>>

/** Both masks add up, as in Python: a row that may see nothing looks at what only one of them hides. */
export function causalBias(attention_mask: Tensor): Tensor {
  const { queries, keys } = places('sequence')
  return additiveMask(attention_mask).add(keys.greater(queries).where(scalar(LOWEST), 0))
}

/** Where a text ends: at its first end-of-sequence token. Old configurations give that a number that no text has; there it is the
 * largest id. */
function endsOf(ids: Tensor, { eos_token_id }: CLIPTextConfig): Tensor {
  const end = eos_token_id === 2 ? ids.max([1], { keepdims: true }) : eos_token_id
  return ids.equal(end).cast('int32')
}

const CLIPTextTransformer = (c: CLIPTextConfig) =>
  module({
    embeddings: TowerTextEmbeddings(c),
    encoder: TowerEncoder(c),
    final_layer_norm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, { input_ids, attention_mask }: TextTowerInputs) => {
    const bias = causalBias(attention_mask)
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(input_ids), bias)
    const last_hidden_state = m.final_layer_norm(hidden)
    const pooler_output = firstToken(last_hidden_state, endsOf(input_ids, c))
    return { last_hidden_state, pooler_output, hidden_states, attentions }
  })

const CLIPVisionEmbeddings = (c: CLIPVisionConfig & AnySize) => {
  const patch = heightAndWidth(c.patch_size)
  return module({
    class_embedding: parameter(c.hidden_size),
    patch_embedding: conv2d(c.num_channels, c.hidden_size, patch, { stride: patch, bias: false }),
    position_embedding: { weight: parameter(patchCount(c) + 1, c.hidden_size) },
  }).forward((m, { pixel_values }: ImageInputs) => {
    const patches = tokensOfMap(m.patch_embedding(pixel_values))
    const positions = positionsFor(c, m.position_embedding.weight.unsqueeze(0), 1, pixel_values)
    return behind([m.class_embedding], patches).add(positions)
  })
}

const CLIPVisionTransformer = (c: CLIPVisionConfig & AnySize) =>
  module({
    embeddings: CLIPVisionEmbeddings(c),
    pre_layrnorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    encoder: TowerEncoder(c),
    post_layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, inputs: ImageInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.pre_layrnorm(m.embeddings(inputs)))
    const pooler_output = m.post_layernorm(hidden.at(1, 0))
    return { last_hidden_state: hidden, pooler_output, hidden_states, attentions }
  })

const CLIPTextModel = (c: CLIPTextConfig) =>
  module({ text_model: CLIPTextTransformer(c) }).forward((m, inputs: TextTowerInputs) => m.text_model(inputs))

const CLIPVisionModel = (c: CLIPVisionConfig & AnySize) =>
  module({ vision_model: CLIPVisionTransformer(c) }).forward((m, inputs: ImageInputs) =>
    m.vision_model(inputs),
  )

const projection = (from: number, to: number) => linear(from, to, { bias: false })

const CLIPTextModelWithProjection = (c: CLIPTextConfig) =>
  module({
    text_model: CLIPTextTransformer(c),
    text_projection: projection(c.hidden_size, c.projection_dim),
  }).forward((m, inputs: TextTowerInputs) => {
    const { pooler_output, ...rest } = m.text_model(inputs)
    return { text_embeds: m.text_projection(pooler_output), ...rest }
  })

const CLIPVisionModelWithProjection = (c: CLIPVisionConfig & AnySize) =>
  module({
    vision_model: CLIPVisionTransformer(c),
    visual_projection: projection(c.hidden_size, c.projection_dim),
  }).forward((m, inputs: ImageInputs) => {
    const { pooler_output, ...rest } = m.vision_model(inputs)
    return { image_embeds: m.visual_projection(pooler_output), ...rest }
  })

/** How well each of some images goes with each of some texts. */
const CLIPModel = (c: CLIPConfig & AnySize) =>
  module({
    logit_scale: parameter(),
    text_model: CLIPTextTransformer(c.text_config),
    vision_model: CLIPVisionTransformer(toldOf(c, c.vision_config)),
    visual_projection: projection(c.vision_config.hidden_size, c.projection_dim),
    text_projection: projection(c.text_config.hidden_size, c.projection_dim),
  }).forward((m, inputs: TextTowerInputs & ImageInputs) => {
    const [vision, text] = [m.vision_model(inputs), m.text_model(inputs)]
    return comparison(
      { ...text, features: m.text_projection(text.pooler_output) },
      { ...vision, features: m.visual_projection(vision.pooler_output) },
      (similarity) => similarity.mul(m.logit_scale.exp()),
    )
  })

/** The mean of the patches stands for the image. */
const CLIPForImageClassification = (c: CLIPConfig & AnySize) =>
  module({
    vision_model: CLIPVisionTransformer(toldOf(c, c.vision_config)),
    classifier: linear(c.vision_config.hidden_size, c.num_labels),
  }).forward((m, inputs: ImageInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.vision_model(inputs)
    const patches = withoutFirst(last_hidden_state, 1)
    return { logits: m.classifier(patches.mean([1])), hidden_states, attentions }
  })

const texts = (): TextTowerInputs => ({
  input_ids: input(['batch', 'sequence'], 'int32'),
  attention_mask: input(['batch', 'sequence'], 'int32'),
})

function inputs(head: Head, config: CLIPConfig & AnySize): Inputs {
  const c = toldOf(config, config.vision_config)
  if (head === 'ForImageClassification') return imageInputs(c)
  return { ...texts(), ...imageInputs(c, 'images') }
}

/** The tower that reads texts, by itself. */
export const textArchitecture: Architecture<CLIPTextConfig> = {
  config: CLIPTextConfig,
  base_model_prefix: 'clip',
  inputs: texts,
  otherHeads: { TextModel: 'Model', TextModelWithProjection: 'ModelWithProjection' },
  heads: { Model: CLIPTextModel, ModelWithProjection: CLIPTextModelWithProjection },
}

/** The tower that sees images, by itself. */
export const visionArchitecture: Architecture<CLIPVisionConfig> = {
  config: CLIPVisionConfig,
  base_model_prefix: 'clip',
  inputs: (_, c) => imageInputs(c),
  otherHeads: { VisionModel: 'Model', VisionModelWithProjection: 'ModelWithProjection' },
  heads: { Model: CLIPVisionModel, ModelWithProjection: CLIPVisionModelWithProjection },
}

const [text, vision] = [
  { key: 'text_config', model_type: 'clip_text_model' },
  { key: 'vision_config', model_type: 'clip_vision_model' },
]

export const architecture: Architecture<CLIPConfig> = {
  config: CLIPConfig,
  base_model_prefix: 'clip',
  inputs,
  ownStack: 'vision',
  parts: {
    TextModel: { ...text, head: 'Model' },
    TextModelWithProjection: { ...text, head: 'ModelWithProjection' },
    VisionModel: { ...vision, head: 'Model' },
    VisionModelWithProjection: { ...vision, head: 'ModelWithProjection' },
  },
  heads: { Model: CLIPModel, ForImageClassification: CLIPForImageClassification },
}
