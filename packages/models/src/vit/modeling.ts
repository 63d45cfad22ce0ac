/** @file ViT (https://arxiv.org/abs/2010.11929), as transformers' modeling_vit.py. */
import {
  activations,
  attention,
  concat,
  dropout,
  type HeadAxis,
  input,
  layerNorm,
  linear,
  module,
  parameter,
  patchEmbedding,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { headsOf } from '../heads'
import { heightAndWidth } from '../image-size'
import { ViTConfig } from './configuration'

type ImageInputs = Readonly<Record<'pixel_values', Tensor>>

const ViTEmbeddings = (c: ViTConfig) => {
  const [image, patch] = [heightAndWidth(c.image_size), heightAndWidth(c.patch_size)]
  const patches = Math.floor(image[0] / patch[0]) * Math.floor(image[1] / patch[1])
  return module({
    cls_token: parameter(1, 1, c.hidden_size),
    position_embeddings: parameter(1, patches + 1, c.hidden_size),
    patch_embeddings: { projection: patchEmbedding(c.num_channels, c.hidden_size, patch) },
  }).forward((m, { pixel_values }: ImageInputs) => {
    const first = m.cls_token.expand(pixel_values.shape[0]!, 1, c.hidden_size)
    const tokens = concat([first, m.patch_embeddings.projection(pixel_values)], 1) // [batch, 1 + patches, hidden]
    return dropout(tokens.add(m.position_embeddings), c.hidden_dropout_prob)
  })
}

const ViTSelfAttention = (c: ViTConfig, heads: HeadAxis) =>
  module({
    query: linear(c.hidden_size, heads, { bias: c.qkv_bias }),
    key: linear(c.hidden_size, heads, { bias: c.qkv_bias }),
    value: linear(c.hidden_size, heads, { bias: c.qkv_bias }),
  }).forward(({ query, key, value }, x: Tensor) =>
    attention(query(x), key(x), value(x), {
      heads: heads.kept.length,
      dropout: c.attention_probs_dropout_prob,
    }),
  )

const ViTSelfOutput = (c: ViTConfig, heads: HeadAxis) =>
  module({ dense: linear(heads, c.hidden_size) }).forward((m, x: Tensor) =>
    dropout(m.dense(x), c.hidden_dropout_prob),
  )

const ViTAttention = (c: ViTConfig, heads: HeadAxis) =>
  module({ attention: ViTSelfAttention(c, heads), output: ViTSelfOutput(c, heads) }).forward(
    (m, x: Tensor) => {
      const { context, attentions } = m.attention(x)
      return [m.output(context), attentions] as const
    },
  )

const ViTIntermediate = (c: ViTConfig) =>
  module({ dense: linear(c.hidden_size, c.intermediate_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.hidden_act](dense(x)),
  )

const ViTOutput = (c: ViTConfig) =>
  module({ dense: linear(c.intermediate_size, c.hidden_size) }).forward((m, x: Tensor, residual: Tensor) =>
    dropout(m.dense(x), c.hidden_dropout_prob).add(residual),
  )

const ViTLayer = (c: ViTConfig, index: number) =>
  module({
    attention: ViTAttention(c, headsOf(c, index)),
    intermediate: ViTIntermediate(c),
    output: ViTOutput(c),
    layernorm_before: layerNorm(c.hidden_size, c.layer_norm_eps),
    layernorm_after: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor) => {
    const [attended, attentions] = m.attention(m.layernorm_before(x))
    const sum = attended.add(x)
    return [m.output(m.intermediate(m.layernorm_after(sum)), sum), attentions] as const
  })

const ViTEncoder = (c: ViTConfig) =>
  module({ layer: Array.from({ length: c.num_hidden_layers }, (_, index) => ViTLayer(c, index)) }).forward(
    ({ layer }, embeddings: Tensor) => {
      const hidden_states = [embeddings]
      const attentions: Tensor[] = []
      let hidden = embeddings
      for (const each of layer) {
        const [next, weights] = each(hidden)
        hidden = next
        hidden_states.push(hidden)
        attentions.push(weights)
      }
      return { hidden, hidden_states, attentions }
    },
  )

const ViTPooler = (c: ViTConfig) =>
  module({ dense: linear(c.hidden_size, c.pooler_output_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.pooler_act](dense(x.at(1, 0))),
  )

export const ViTModel = (c: ViTConfig, { add_pooling_layer = true } = {}) =>
  module({
    embeddings: ViTEmbeddings(c),
    encoder: ViTEncoder(c),
    layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
    pooler: add_pooling_layer ? ViTPooler(c) : undefined,
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

const inputs = (_: Head, c: ViTConfig): ImageInputs => ({
  pixel_values: input(['batch', c.num_channels, ...heightAndWidth(c.image_size)]),
})

export const architecture: Architecture<ViTConfig> = {
  config: ViTConfig,
  base_model_prefix: 'vit',
  inputs,
  heads: { Model: ViTModel, ForImageClassification: ViTForImageClassification },
}
