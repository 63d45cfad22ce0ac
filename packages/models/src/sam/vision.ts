/** @file The part of SAM that reads the image: a vision transformer that looks within windows, and in a few layers everywhere. */
import {
  activations,
  attention,
  concat,
  constant,
  conv2d,
  type Dim,
  layerNorm,
  linear,
  module,
  parameter,
  product,
  type Tensor,
} from '@webformers/graph'
import { headsOf } from '../heads'
import { numbers } from '../spatial'
import type { SamVisionConfig } from './configuration'

export const SamMLPBlock = (c: Pick<SamVisionConfig, 'hidden_size' | 'mlp_dim' | 'hidden_act'>) =>
  module({
    lin1: linear(c.hidden_size, c.mlp_dim),
    lin2: linear(c.mlp_dim, c.hidden_size),
  }).forward((m, x: Tensor) => m.lin2(activations[c.hidden_act](m.lin1(x))))

/** A norm over the channels of [batch, channels, height, width]. */
export const SamLayerNorm = (channels: number, epsilon = 1e-6) => {
  const norm = layerNorm(channels, epsilon)
  return module(norm.children).forward((_, x: Tensor) => norm(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2))
}

/** For each of `size` places in a row, which row of a table of distances is that of each other place. */
const distances = (size: number) =>
  constant(
    numbers(size).flatMap((query) => numbers(size).map((key) => query - key + size - 1)),
    [size, size],
    'int32',
  )

/** Which of `size` numbers each place of a square of `size` × `size` has, as [places, size] of ones and zeros. */
function oneHot(size: number, numberOf: (place: number) => number): Tensor {
  const own = constant(numbers(size * size).map(numberOf), [size * size, 1], 'int32')
  return own.equal(constant(numbers(size), [1, size], 'int32')).cast('float32')
}

/** What tells the places of a square apart. */
interface Square {
  /** For each place along a side, which row of a table of distances is that of each other place. */
  readonly distances: Tensor
  /** The row and the column that each place lies in. */
  readonly rows: Tensor
  readonly columns: Tensor
}

/** Squares by their size. Layers share them: thousands of numbers for each would be half of what tracing does. */
function squaresOf(): (size: number) => Square {
  const known = new Map<number, Square>()
  const square = (size: number): Square => ({
    distances: distances(size),
    rows: oneHot(size, (place) => Math.floor(place / size)),
    columns: oneHot(size, (place) => place % size),
  })
  return (size) => {
    if (!known.has(size)) known.set(size, square(size))
    return known.get(size)!
  }
}

/** Attention among the places of squares of `size` × `size`: [squares, places, hidden]. How far two places lie apart counts with
 * what the query has learnt to look for at that distance, down and across. Both are further channels of the queries, which the
 * keys choose from by their row and column: a bias of all pairs would take more memory than all else. */
const SamVisionAttention = (
  c: SamVisionConfig,
  index: number,
  size: number,
  squareOf: (size: number) => Square,
) => {
  const heads = headsOf(c, index)
  const [count, channels, places] = [heads.kept.length, heads.size, size * size]
  const table = () => (c.use_rel_pos ? parameter(2 * size - 1, channels) : undefined)
  return module({
    rel_pos_h: table(),
    rel_pos_w: table(),
    qkv: linear(c.hidden_size, [heads, heads, heads], { bias: c.qkv_bias }),
    proj: linear(heads, c.hidden_size),
  }).forward((m, x: Tensor) => {
    const [squares, width] = [x.shape[0]!, count * channels]
    const joined = m.qkv(x)
    const [query, key, value] = [0, 1, 2].map((part) => joined.slice(2, part * width, (part + 1) * width))
    const split = (t: Tensor) => t.reshape(squares, places, count, channels)
    const [queries, keys] = [[split(query!).mul(channels ** -0.5)], [split(key!)]]
    if (m.rel_pos_h && m.rel_pos_w) {
      const square = squareOf(size)
      const all = product([squares, count])
      const rows = split(query!).transpose(0, 2, 1, 3).reshape(all, size, size, channels)
      const down = rows.matmul(m.rel_pos_h.gather(square.distances).T.unsqueeze(0)) // [.., row, column, row of the key]
      const columns = rows.transpose(0, 2, 1, 3)
      const across = columns.matmul(m.rel_pos_w.gather(square.distances).T.unsqueeze(0)).transpose(0, 2, 1, 3)
      const ofQueries = (t: Tensor) => t.reshape(squares, count, places, size).transpose(0, 2, 1, 3)
      queries.push(ofQueries(down), ofQueries(across))
      for (const choice of [square.rows, square.columns])
        keys.push(choice.unsqueeze(0, 2).expand(squares, places, count, size))
    }
    const whole = (parts: Tensor[]) => {
      const all = concat(parts, 3)
      return all.reshape(squares, places, count * Number(all.shape[3]))
    }
    const { context, attentions } = attention(whole(queries), whole(keys), value!, {
      heads: count,
      scale: 1,
      dropout: c.attention_dropout,
    })
    return [m.proj(context), attentions.reshape(product([squares, count]), places, places)] as const
  })
}

const windowsAlong = (length: Dim, size: number) => Math.ceil(Number(length) / size)

/** `x` [batch, rows, columns, hidden] in windows of `size` × `size`: [batch × windows, places, hidden], zeros beyond the edges. */
function inWindows(x: Tensor, size: number): Tensor {
  const [batch, rows, columns, hidden] = x.shape
  const [down, across] = [windowsAlong(rows!, size), windowsAlong(columns!, size)]
  const [below, right] = [down * size - Number(rows), across * size - Number(columns)]
  return x
    .pad([0, 0, 0, right, 0, below])
    .reshape(batch!, down, size, across, size, hidden!)
    .transpose(0, 1, 3, 2, 4, 5)
    .reshape(product([batch!, down * across]), size * size, hidden!)
}

/** The reverse: what was beyond the edges of `like` is left out. */
function outOfWindows(windows: Tensor, size: number, like: Tensor): Tensor {
  const [batch, rows, columns, hidden] = like.shape
  const [down, across] = [windowsAlong(rows!, size), windowsAlong(columns!, size)]
  const whole = windows
    .reshape(batch!, down, across, size, size, hidden!)
    .transpose(0, 1, 3, 2, 4, 5)
    .reshape(batch!, down * size, across * size, hidden!)
  return whole.slice(1, 0, Number(rows)).slice(2, 0, Number(columns))
}

const SamVisionLayer = (c: SamVisionConfig, index: number, squareOf: (size: number) => Square) => {
  const window = c.global_attn_indexes.includes(index) ? 0 : c.window_size
  const grid = Math.floor(c.image_size / c.patch_size)
  return module({
    layer_norm1: layerNorm(c.hidden_size, c.layer_norm_eps),
    attn: SamVisionAttention(c, index, window || grid, squareOf),
    layer_norm2: layerNorm(c.hidden_size, c.layer_norm_eps),
    mlp: SamMLPBlock(c),
  }).forward((m, x: Tensor) => {
    const normed = m.layer_norm1(x)
    const squares = window
      ? inWindows(normed, window)
      : normed.reshape(x.shape[0]!, grid * grid, c.hidden_size)
    const [attended, attentions] = m.attn(squares)
    const sum = x.add(window ? outOfWindows(attended, window, x) : attended.reshape(...x.shape))
    return [sum.add(m.mlp(m.layer_norm2(sum))), attentions] as const
  })
}

const SamVisionNeck = (c: SamVisionConfig) =>
  module({
    conv1: conv2d(c.hidden_size, c.output_channels, 1, { bias: false }),
    layer_norm1: SamLayerNorm(c.output_channels),
    conv2: conv2d(c.output_channels, c.output_channels, 3, { padding: 1, bias: false }),
    layer_norm2: SamLayerNorm(c.output_channels),
  }).forward((m, x: Tensor) => m.layer_norm2(m.conv2(m.layer_norm1(m.conv1(x.transpose(0, 3, 1, 2))))))

/** Images cut into patches, [batch, rows, columns, hidden]. */
const SamPatchEmbeddings = (c: SamVisionConfig) =>
  module({
    projection: conv2d(c.num_channels, c.hidden_size, c.patch_size, { stride: c.patch_size }),
  }).forward(({ projection }, pixels: Tensor) => projection(pixels).transpose(0, 2, 3, 1))

/** Pixels [batch, channels, size, size] to embeddings of the image, [batch, channels, rows, columns]. */
export const SamVisionEncoder = (c: SamVisionConfig) => {
  const grid = Math.floor(c.image_size / c.patch_size)
  const squareOf = squaresOf()
  return module({
    pos_embed: c.use_abs_pos ? parameter(1, grid, grid, c.hidden_size) : undefined,
    patch_embed: SamPatchEmbeddings(c),
    layers: numbers(c.num_hidden_layers).map((index) => SamVisionLayer(c, index, squareOf)),
    neck: SamVisionNeck(c),
  }).forward((m, pixels: Tensor) => {
    const patches = m.patch_embed(pixels)
    let hidden = m.pos_embed ? patches.add(m.pos_embed) : patches
    const hidden_states = [hidden]
    const attentions: Tensor[] = []
    for (const layer of m.layers) {
      const [next, weights] = layer(hidden)
      hidden = next
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    return { last_hidden_state: m.neck(hidden), hidden_states, attentions }
  })
}
