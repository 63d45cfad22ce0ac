/** @file The part of SAM that draws masks: prompts and the image look at each other, then the image's embeddings grow to pixels. */
import {
  activations,
  attention,
  concat,
  convTranspose2d,
  layerNorm,
  linear,
  module,
  parameter,
  product,
  type Tensor,
} from '@webformers/graph'
import { numbers } from '../spatial'
import type { SamMaskDecoderConfig } from './configuration'
import { SamLayerNorm, SamMLPBlock } from './vision'

/** Attention within fewer channels than the states have. */
const SamAttention = (c: SamMaskDecoderConfig, downsample = c.attention_downsample_rate) => {
  const inner = Math.floor(c.hidden_size / downsample)
  return module({
    q_proj: linear(c.hidden_size, inner),
    k_proj: linear(c.hidden_size, inner),
    v_proj: linear(c.hidden_size, inner),
    out_proj: linear(inner, c.hidden_size),
  }).forward((m, query: Tensor, key: Tensor, value: Tensor) => {
    const heads = c.num_attention_heads
    return m.out_proj(attention(m.q_proj(query), m.k_proj(key), m.v_proj(value), { heads }).context)
  })
}

/** What looks at each other: tokens [prompts, count, size] and places of the image [prompts, places, size], both with where they
 * lie. */
interface Sides {
  readonly tokens: Tensor
  readonly image: Tensor
  readonly tokenPositions: Tensor
  readonly imagePositions: Tensor
}

/** In the first layer tokens are nothing but where they lie. */
const SamTwoWayAttentionBlock = (c: SamMaskDecoderConfig, first: boolean) => {
  const norm = () => layerNorm(c.hidden_size, c.layer_norm_eps)
  return module({
    self_attn: SamAttention(c, 1),
    layer_norm1: norm(),
    cross_attn_token_to_image: SamAttention(c),
    layer_norm2: norm(),
    mlp: SamMLPBlock(c),
    layer_norm3: norm(),
    layer_norm4: norm(),
    cross_attn_image_to_token: SamAttention(c),
  }).forward((m, { tokens, image, tokenPositions, imagePositions }: Sides) => {
    const placed = tokens.add(tokenPositions)
    const own = first ? m.self_attn(tokens, tokens, tokens) : tokens.add(m.self_attn(placed, placed, tokens))
    const normed = m.layer_norm1(own)
    const key = image.add(imagePositions)
    const seen = m.cross_attn_token_to_image(normed.add(tokenPositions), key, image)
    const informed = m.layer_norm2(normed.add(seen))
    const next = m.layer_norm3(informed.add(m.mlp(informed)))
    const back = m.cross_attn_image_to_token(key, next.add(tokenPositions), next)
    return { tokens: next, image: m.layer_norm4(image.add(back)), back }
  })
}

const SamTwoWayTransformer = (c: SamMaskDecoderConfig) =>
  module({
    layers: numbers(c.num_hidden_layers).map((index) => SamTwoWayAttentionBlock(c, index === 0)),
    final_attn_token_to_image: SamAttention(c),
    layer_norm_final_attn: layerNorm(c.hidden_size, 1e-5),
  }).forward((m, sides: Sides) => {
    let { tokens, image } = sides
    const attentions: Tensor[] = []
    for (const layer of m.layers) {
      const next = layer({ ...sides, tokens, image })
      ;({ tokens, image } = next)
      attentions.push(next.back)
    }
    const query = tokens.add(sides.tokenPositions)
    const found = m.final_attn_token_to_image(query, image.add(sides.imagePositions), image)
    return { tokens: m.layer_norm_final_attn(tokens.add(found)), image, attentions }
  })

const SamFeedForward = (inputs: number, hidden: number, outputs: number, layers: number) =>
  module({
    proj_in: linear(inputs, hidden),
    proj_out: linear(hidden, outputs),
    layers: numbers(layers - 2).map(() => linear(hidden, hidden)),
  }).forward((m, x: Tensor) =>
    m.proj_out(m.layers.reduce((y, layer) => layer(y).relu(), m.proj_in(x).relu())),
  )

/** What masks are drawn of. */
interface Drawn {
  /** [batch, size, rows, columns] */
  readonly image: Tensor
  /** [1, places, size] */
  readonly imagePositions: Tensor
  /** [batch, prompts, count, size] */
  readonly sparse?: Tensor
  /** Broadcasts to `image`. */
  readonly dense: Tensor
  /** Whether three masks are drawn of what is pointed at, its parts and the whole, or a single one. */
  readonly several: boolean
}

export const SamMaskDecoder = (c: SamMaskDecoderConfig) => {
  const size = c.hidden_size
  const [half, quarter] = [Math.floor(size / 4), Math.floor(size / 8)]
  const masks = c.num_multimask_outputs + 1
  const gelu = activations.gelu
  return module({
    iou_token: { weight: parameter(1, size) },
    mask_tokens: { weight: parameter(masks, size) },
    transformer: SamTwoWayTransformer(c),
    upscale_conv1: convTranspose2d(size, half, 2, { stride: 2 }),
    upscale_conv2: convTranspose2d(half, quarter, 2, { stride: 2 }),
    upscale_layer_norm: SamLayerNorm(half),
    output_hypernetworks_mlps: numbers(masks).map(() => SamFeedForward(size, size, quarter, 3)),
    iou_prediction_head: SamFeedForward(size, c.iou_head_hidden_dim, masks, c.iou_head_depth),
  }).forward((m, { image, imagePositions, sparse, dense, several }: Drawn) => {
    const [batch, , rows, columns] = image.shape
    const prompts = sparse?.shape[1] ?? 1
    const all = product([batch!, prompts])
    const own = concat([m.iou_token.weight, m.mask_tokens.weight], 0) // [1 + masks, size]
    const repeated = own.unsqueeze(0, 1).expand(batch!, prompts, 1 + masks, size)
    const given = sparse ? concat([repeated, sparse], 2) : repeated
    const tokens = given.reshape(all, given.shape[2]!, size)
    const places = product([rows!, columns!])
    const flat = image.add(dense).reshape(batch!, 1, size, places).transpose(0, 1, 3, 2)
    const found = m.transformer({
      tokens,
      image: flat.expand(batch!, prompts, places, size).reshape(all, places, size),
      tokenPositions: tokens,
      imagePositions,
    })
    const grown = m.upscale_conv1(found.image.transpose(0, 2, 1).reshape(all, size, rows!, columns!))
    const drawn = gelu(m.upscale_conv2(gelu(m.upscale_layer_norm(grown)))) // [prompts, channels, 4 × rows, 4 × columns]
    const [, channels, height, width] = drawn.shape
    const weights = m.output_hypernetworks_mlps.map((mlp, mask) =>
      mlp(found.tokens.at(1, 1 + mask)).unsqueeze(1),
    )
    const [from, to] = several ? [1, masks] : [0, 1]
    const chosen = concat(weights.slice(from, to), 1) // [prompts, masks, channels]
    const pixels = chosen.matmul(drawn.reshape(all, channels!, product([height!, width!])))
    const scores = m.iou_prediction_head(found.tokens.at(1, 0)).slice(1, from, to)
    return {
      pred_masks: pixels.reshape(batch!, prompts, to - from, height!, width!),
      iou_scores: scores.reshape(batch!, prompts, to - from),
      attentions: found.attentions.map((x) => x.unsqueeze(1)),
    }
  })
}
