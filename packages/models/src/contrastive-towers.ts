/** @file The two towers of CLIP, SigLIP and their relatives: layers that texts and images share, and what comes before and after. */
import {
  type Activation,
  activations,
  attention,
  embedding,
  type HeadAxis,
  layerNorm,
  linear,
  module,
  positions,
  type Tensor,
} from '@webformers/graph'
import type { PretrainedConfig } from './configuration'
import { headsOf } from './heads'

/** What a tower's layers read of its configuration. */
export interface TowerConfig extends Pick<PretrainedConfig, 'model_type' | 'pruned_heads'> {
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly hidden_act: Activation
  readonly layer_norm_eps: number
  readonly attention_dropout: number
}

const TowerAttention = (c: TowerConfig, heads: HeadAxis) =>
  module({
    k_proj: linear(c.hidden_size, heads),
    v_proj: linear(c.hidden_size, heads),
    q_proj: linear(c.hidden_size, heads),
    out_proj: linear(heads, c.hidden_size),
  }).forward((m, x: Tensor, bias?: Tensor) => {
    const { context, attentions } = attention(m.q_proj(x), m.k_proj(x), m.v_proj(x), {
      heads: heads.kept.length,
      bias,
      dropout: c.attention_dropout,
    })
    return [m.out_proj(context), attentions] as const
  })

export const TowerMLP = (c: TowerConfig) =>
  module({
    fc1: linear(c.hidden_size, c.intermediate_size),
    fc2: linear(c.intermediate_size, c.hidden_size),
  }).forward((m, x: Tensor) => m.fc2(activations[c.hidden_act](m.fc1(x))))

/** In which order a family's files have the parts of a layer. */
export interface TowerOrder {
  readonly normsFirst?: boolean
}

function layerParts(c: TowerConfig, index: number, { normsFirst = false }: TowerOrder) {
  const self_attn = TowerAttention(c, headsOf(c, index))
  const layer_norm1 = layerNorm(c.hidden_size, c.layer_norm_eps)
  const mlp = TowerMLP(c)
  const layer_norm2 = layerNorm(c.hidden_size, c.layer_norm_eps)
  return normsFirst
    ? { layer_norm1, self_attn, layer_norm2, mlp }
    : { self_attn, layer_norm1, mlp, layer_norm2 }
}

const TowerLayer = (c: TowerConfig, index: number, order: TowerOrder) =>
  module(layerParts(c, index, order)).forward((m, x: Tensor, bias?: Tensor) => {
    const [attended, attentions] = m.self_attn(m.layer_norm1(x), bias)
    const sum = x.add(attended)
    return [sum.add(m.mlp(m.layer_norm2(sum))), attentions] as const
  })

/** All layers in turn; `bias` is added to the scores of each attention. */
export const TowerEncoder = (c: TowerConfig, order: TowerOrder = {}) =>
  module({
    layers: Array.from({ length: c.num_hidden_layers }, (_, index) => TowerLayer(c, index, order)),
  }).forward((m, embeddings: Tensor, bias?: Tensor) => {
    const hidden_states = [embeddings]
    const attentions: Tensor[] = []
    let hidden = embeddings
    for (const layer of m.layers) {
      const [next, weights] = layer(hidden, bias)
      hidden = next
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    return { hidden, hidden_states, attentions }
  })

/** What a tower's embeddings of texts read. */
interface TextConfig {
  readonly vocab_size: number
  readonly hidden_size: number
  readonly max_position_embeddings: number
}

export const TowerTextEmbeddings = (c: TextConfig) =>
  module({
    token_embedding: embedding(c.vocab_size, c.hidden_size),
    position_embedding: embedding(c.max_position_embeddings, c.hidden_size),
  }).forward((m, ids: Tensor) =>
    m.token_embedding(ids).add(m.position_embedding(positions(String(ids.shape[1])))),
  )

/** Rows of unit length. */
export const normalized = (x: Tensor): Tensor => x.div(x.mul(x).sum([-1], { keepdims: true }).sqrt())

/** The lists of a tower under its name, beside those of the other. */
export const listsOf = <N extends string>(
  name: N,
  { hidden_states, attentions }: { readonly hidden_states: Tensor[]; readonly attentions: Tensor[] },
) =>
  ({ [`${name}_hidden_states`]: hidden_states, [`${name}_attentions`]: attentions }) as Record<
    `${N}_hidden_states` | `${N}_attentions`,
    Tensor[]
  >

interface TowerOutputs {
  readonly hidden_states: Tensor[]
  readonly attentions: Tensor[]
}

/** What a model gives that compares images with texts.
 * @param score what it makes of the cosines of the angles between them, [texts, images] */
export function comparison(
  text: TowerOutputs & { readonly features: Tensor },
  vision: TowerOutputs & { readonly features: Tensor },
  score: (similarity: Tensor) => Tensor,
) {
  const [image_embeds, text_embeds] = [normalized(vision.features), normalized(text.features)]
  const logits_per_text = score(text_embeds.matmul(image_embeds.T))
  return {
    logits_per_image: logits_per_text.T,
    logits_per_text,
    text_embeds,
    image_embeds,
    text_features: text.features,
    image_features: vision.features,
    ...listsOf('text', text),
    ...listsOf('vision', vision),
  }
}
