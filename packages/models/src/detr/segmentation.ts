/** @file The masks of DETR: where each object looks in the encoder's states, drawn larger and finer with features of earlier stages. */
import {
  additiveMask,
  concat,
  conv2d,
  groupNorm,
  linear,
  module,
  product,
  type Tensor,
} from '@webformers/graph'
import { refuse } from '../configuration'
import { resizedTo } from '../spatial'
import type { DetrConfig } from './configuration'

const GROUPS = 8

/** Where each query of `queries` [batch, queries, size] looks in `states` [batch, places, size]: [batch, queries, heads, places],
 * all heads of a query together one softmax. */
export const DetrMHAttentionMap = (c: DetrConfig) => {
  const heads = c.encoder_attention_heads
  const size = c.d_model / heads
  return module({
    q_linear: linear(c.d_model, c.d_model),
    k_linear: linear(c.d_model, c.d_model),
  }).forward((m, queries: Tensor, states: Tensor, keep: Tensor) => {
    const split = (x: Tensor) => x.reshape(x.shape[0]!, x.shape[1]!, heads, size).transpose(0, 2, 1, 3)
    const scores = split(m.q_linear(queries))
      .mul(size ** -0.5)
      .matmul(split(m.k_linear(states)).T)
    const [batch, , count, places] = scores.shape
    const all = scores.add(additiveMask(keep)).transpose(0, 2, 1, 3) // [batch, queries, heads, places]
    return all
      .reshape(batch!, count!, product([heads, places!]))
      .softmax()
      .reshape(batch!, count!, heads, places!)
  })
}

/** How wide the layers become, from one to the next. */
const widths = (c: DetrConfig) => [2, 4, 8, 16].map((part) => Math.floor(c.d_model / part))

const convolution = (inputs: number, outputs: number) => conv2d(inputs, outputs, 3, { padding: 1 })
const norm = (channels: number) => groupNorm(Math.min(GROUPS, channels), channels)

/** `x` once for each query: [batch × queries, channels, height, width]. */
function forEach(x: Tensor, queries: number): Tensor {
  const [batch, ...rest] = x.shape
  return x
    .unsqueeze(1)
    .expand(batch!, queries, ...rest)
    .reshape(product([batch!, queries]), ...rest)
}

/** The masks of all queries, one channel each, from features [batch, size, height, width] and where the queries look in these.
 * @param channels how many the features of earlier stages have, the last of them first */
export const DetrMaskHead = (c: DetrConfig, channels: readonly number[]) => {
  const dim = c.d_model + c.encoder_attention_heads
  if (dim % GROUPS !== 0)
    refuse(
      c,
      'encoder_attention_heads',
      `with d_model = ${c.d_model} a number that makes both together a multiple of 8`,
    )
  const [second, third, fourth, fifth] = widths(c) as [number, number, number, number]
  return module({
    lay1: convolution(dim, dim),
    gn1: norm(dim),
    lay2: convolution(dim, second),
    gn2: norm(second),
    lay3: convolution(second, third),
    gn3: norm(third),
    lay4: convolution(third, fourth),
    gn4: norm(fourth),
    lay5: convolution(fourth, fifth),
    gn5: norm(fifth),
    out_lay: convolution(fifth, 1),
    adapter1: conv2d(channels[0]!, second, 1),
    adapter2: conv2d(channels[1]!, third, 1),
    adapter3: conv2d(channels[2]!, fourth, 1),
  }).forward((m, features: Tensor, looks: Tensor, earlier: readonly Tensor[]) => {
    const [batch, , height, width] = features.shape
    const [, queries, heads] = looks.shape as [unknown, number, number]
    const maps = looks.reshape(product([batch!, queries]), heads, height!, width!)
    const finer = (x: Tensor, adapted: Tensor) => {
      const detail = forEach(adapted, queries)
      return detail.add(resizedTo(x, detail, { mode: 'nearest' }))
    }
    let x = m.gn1(m.lay1(concat([forEach(features, queries), maps], 1))).relu()
    x = finer(m.gn2(m.lay2(x)).relu(), m.adapter1(earlier[0]!))
    x = finer(m.gn3(m.lay3(x)).relu(), m.adapter2(earlier[1]!))
    x = finer(m.gn4(m.lay4(x)).relu(), m.adapter3(earlier[2]!))
    const masks = m.out_lay(m.gn5(m.lay5(x)).relu()) // [batch × queries, 1, height, width]
    return masks.reshape(batch!, queries, masks.shape[2]!, masks.shape[3]!)
  })
}
