/** @file Images as tokens: patches behind special tokens, each with its position. */
import {
  concat,
  conv2d,
  type Dim,
  dropout,
  input,
  interpolate,
  module,
  parameter,
  quotient,
  type Tensor,
} from '@webformers/graph'
import { heightAndWidth, type ImageSize } from './image-size'
import { mapOfTokens, tokensOfMap } from './spatial'

export type ImageInputs = Readonly<Record<'pixel_values', Tensor>>

export interface PatchConfig {
  readonly image_size: ImageSize
  readonly patch_size: ImageSize
  readonly num_channels: number
  readonly hidden_size: number
}

/** An argument of Python's `forward`: whether images may be of another size than that which positions are stored for. */
export interface AnySize {
  readonly interpolate_pos_encoding?: boolean
}

/** Pixels of the size that a model was made for, or of any; `images` is the dimension that counts them, `sides` are those of any. */
export const imageInputs = (
  c: Pick<PatchConfig, 'image_size' | 'num_channels'> & AnySize,
  images = 'batch',
  sides = ['height', 'width'],
): ImageInputs => {
  const size = c.interpolate_pos_encoding ? sides : heightAndWidth(c.image_size)
  return { pixel_values: input([images, c.num_channels, ...size]) }
}

/** The configuration of what sees, told what is an argument of the whole model's `forward`. */
export const toldOf = <C>({ interpolate_pos_encoding }: AnySize, part: C): C & AnySize => ({
  ...part,
  ...(interpolate_pos_encoding && { interpolate_pos_encoding }),
})

/** How many patches an image has from top to bottom, and from left to right. */
export function patchGrid({ image_size, patch_size }: Pick<PatchConfig, 'image_size' | 'patch_size'>) {
  const [image, patch] = [heightAndWidth(image_size), heightAndWidth(patch_size)]
  return [Math.floor(image[0] / patch[0]), Math.floor(image[1] / patch[1])] as const
}

/** How many patches an image has. */
export const patchCount = (c: Pick<PatchConfig, 'image_size' | 'patch_size'>): number => {
  const [rows, columns] = patchGrid(c)
  return rows * columns
}

/** Tokens [1, count, hidden] or [hidden], the same before each image's patches. */
export function behind(first: readonly Tensor[], patches: Tensor): Tensor {
  const [batch, , hidden] = patches.shape
  const repeated = first.map((x) => x.expand(batch!, x.rank < 3 ? 1 : x.shape[1]!, hidden!))
  return concat([...repeated, patches], 1)
}

/** Images, with so many zeros around them, cut into patches, [batch, rows × columns, hidden]. */
export const PatchEmbeddings = (
  c: Pick<PatchConfig, 'patch_size' | 'num_channels' | 'hidden_size'>,
  { padding = 0 } = {},
) => {
  const patch = heightAndWidth(c.patch_size)
  return module({
    projection: conv2d(c.num_channels, c.hidden_size, patch, { stride: patch, padding }),
  }).forward(({ projection }, pixels: Tensor) => tokensOfMap(projection(pixels)))
}

/** The embeddings of ViT and DeiT: `special` names the tokens before the patches. */
export const VisionEmbeddings = <N extends string>(
  c: PatchConfig & AnySize & { readonly hidden_dropout_prob: number },
  special: readonly N[],
) => {
  const first = special.map((name) => [name, parameter(1, 1, c.hidden_size)] as const)
  return module({
    ...(Object.fromEntries(first) as Record<N, Tensor>),
    position_embeddings: parameter(1, patchCount(c) + special.length, c.hidden_size),
    patch_embeddings: PatchEmbeddings(c),
  }).forward((m, { pixel_values }: ImageInputs) => {
    const patches = m.patch_embeddings(pixel_values)
    const tokens = behind(
      first.map(([, token]) => token),
      patches,
    ) // [batch, special + patches, hidden]
    const positions = positionsFor(c, m.position_embeddings, special.length, pixel_values)
    return dropout(tokens.add(positions), c.hidden_dropout_prob)
  })
}

/** Pixels of any size. */
export const anyImageInputs = (c: Pick<PatchConfig, 'num_channels'>): ImageInputs => ({
  pixel_values: input(['batch', c.num_channels, 'height', 'width']),
})

/** How many patches some pixels have from top to bottom, and from left to right. */
export const gridOf = (c: Pick<PatchConfig, 'patch_size'>, { shape }: Tensor): readonly [Dim, Dim] => {
  const [height, width] = heightAndWidth(c.patch_size)
  return [quotient(shape[2]!, height), quotient(shape[3]!, width)]
}

/** The tokens behind the first ones. */
export const withoutFirst = (x: Tensor, special: number): Tensor => x.slice(1, special, x.shape[1]!)

/**
 * Positions [1, special + rows × columns, hidden] for a grid of another size: those of patches are drawn larger or smaller.
 * @param stored the grid that they are of
 */
export function interpolatedPositions(
  positions: Tensor,
  special: number,
  stored: readonly [number, number],
  grid: readonly [Dim, Dim],
): Tensor {
  const patches = mapOfTokens(withoutFirst(positions, special), ...stored)
  const flat = tokensOfMap(interpolate(patches, { size: grid, mode: 'bicubic' }))
  return special === 0 ? flat : concat([positions.slice(1, 0, special), flat], 1)
}

/** Positions [1, special + patches, hidden] as they are, or for pixels of any size where a call wants that. */
export const positionsFor = (
  c: PatchConfig & AnySize,
  positions: Tensor,
  special: number,
  pixels: Tensor,
): Tensor =>
  c.interpolate_pos_encoding
    ? interpolatedPositions(positions, special, patchGrid(c), gridOf(c, pixels))
    : positions

/** Embeddings of images of any size, as DINOv2's: the positions are those of one size, drawn larger or smaller. */
export const AnyImageEmbeddings = (
  c: PatchConfig & { readonly hidden_dropout_prob: number; readonly use_mask_token: boolean },
) =>
  module({
    cls_token: parameter(1, 1, c.hidden_size),
    mask_token: c.use_mask_token ? parameter(1, c.hidden_size) : undefined,
    position_embeddings: parameter(1, patchCount(c) + 1, c.hidden_size),
    patch_embeddings: PatchEmbeddings(c),
  }).forward((m, { pixel_values }: ImageInputs) => {
    const patches = m.patch_embeddings(pixel_values)
    const positions = positionsFor(
      { ...c, interpolate_pos_encoding: true },
      m.position_embeddings,
      1,
      pixel_values,
    )
    return dropout(behind([m.cls_token], patches).add(positions), c.hidden_dropout_prob)
  })
