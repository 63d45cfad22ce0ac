/** @file The layers of ViT that other vision transformers have too, under the names that transformers 4 gives them. */
import {
  type Activation,
  activations,
  attention,
  dropout,
  type HeadAxis,
  layerNorm,
  linear,
  type Module,
  module,
  type Tensor,
} from '@webformers/graph'
import type { PretrainedConfig } from './configuration'
import { headsOf } from './heads'

/** What an attention of these models reads of a configuration. */
export interface VisionAttentionConfig extends Pick<PretrainedConfig, 'model_type' | 'pruned_heads'> {
  readonly hidden_size: number
  readonly num_attention_heads: number
  readonly num_hidden_layers: number
  readonly hidden_dropout_prob: number
  readonly attention_probs_dropout_prob: number
  readonly qkv_bias: boolean
}
export interface VisionLayerConfig extends VisionAttentionConfig {
  readonly intermediate_size: number
  readonly hidden_act: Activation
  readonly layer_norm_eps: number
}

/** What a layer gives: its output and its attention maps. Some are told more than the tokens. */
export type VisionLayer<A extends readonly unknown[] = []> = Module &
  ((x: Tensor, ...more: A) => readonly [output: Tensor, attentions: Tensor])

const VisionSelfAttention = (c: VisionAttentionConfig, heads: HeadAxis) =>
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

const VisionSelfOutput = (c: VisionAttentionConfig, heads: HeadAxis) =>
  module({ dense: linear(heads, c.hidden_size) }).forward((m, x: Tensor) =>
    dropout(m.dense(x), c.hidden_dropout_prob),
  )

export const VisionAttention = (c: VisionAttentionConfig, index: number) => {
  const heads = headsOf(c, index)
  return module({
    attention: VisionSelfAttention(c, heads),
    output: VisionSelfOutput(c, heads),
  }).forward((m, x: Tensor) => {
    const { context, attentions } = m.attention(x)
    return [m.output(context), attentions] as const
  })
}

const VisionIntermediate = (c: VisionLayerConfig) =>
  module({ dense: linear(c.hidden_size, c.intermediate_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.hidden_act](dense(x)),
  )

const VisionOutput = (c: VisionLayerConfig) =>
  module({ dense: linear(c.intermediate_size, c.hidden_size) }).forward((m, x: Tensor, residual: Tensor) =>
    dropout(m.dense(x), c.hidden_dropout_prob).add(residual),
  )

/** A layer that is normed before each of its parts. */
export const VisionLayer = (c: VisionLayerConfig, index: number) =>
  module({
    attention: VisionAttention(c, index),
    intermediate: VisionIntermediate(c),
    output: VisionOutput(c),
    layernorm_before: layerNorm(c.hidden_size, c.layer_norm_eps),
    layernorm_after: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor) => {
    const [attended, attentions] = m.attention(m.layernorm_before(x))
    const sum = attended.add(x)
    return [m.output(m.intermediate(m.layernorm_after(sum)), sum), attentions] as const
  })

/** All layers in turn.
 * @param between what becomes of the output of a layer before the next reads it */
export const VisionEncoder = <A extends readonly unknown[] = []>(
  layers: readonly VisionLayer<A>[],
  between: (x: Tensor, index: number) => Tensor = (x) => x,
) =>
  module({ layer: layers }).forward(({ layer }, embeddings: Tensor, ...more: A) => {
    const hidden_states = [embeddings]
    const attentions: Tensor[] = []
    let hidden = embeddings
    for (const [index, each] of layer.entries()) {
      const [output, weights] = each(hidden, ...more)
      hidden = between(output, index)
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    return { hidden, hidden_states, attentions }
  })

/** As many layers as the configuration counts. */
export const visionLayers = <C extends VisionAttentionConfig, A extends readonly unknown[] = []>(
  c: C,
  layer: (c: C, index: number) => VisionLayer<A>,
): VisionLayer<A>[] => Array.from({ length: c.num_hidden_layers }, (_, index) => layer(c, index))

interface PoolerConfig {
  readonly hidden_size: number
  readonly pooler_output_size: number
  readonly pooler_act: Activation
}

/** What stands at the first place stands for the image. */
export const VisionPooler = (c: PoolerConfig) =>
  module({ dense: linear(c.hidden_size, c.pooler_output_size) }).forward(({ dense }, x: Tensor) =>
    activations[c.pooler_act](dense(x.at(1, 0))),
  )
