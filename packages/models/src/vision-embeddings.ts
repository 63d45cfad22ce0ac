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
  patchEmbedding,
  product,
  quotient,
  type Tensor,
} from '@webformers/graph'
import { heightAndWidth, type ImageSize } from './image-size'

export type ImageInputs = Readonly<Record<'pixel_values', Tensor>>

export interface PatchConfig {
  readonly image_size: ImageSize
  readonly patch_size: ImageSize
  readonly num_channels: number
  readonly hidden_size: number
}

/** Pixels of the size that a model was made for; `images` is the dimension that counts them. */
export const imageInputs = (
  c: Pick<PatchConfig, 'image_size' | 'num_channels'>,
  images = 'batch',
): ImageInputs => ({ pixel_values: input([images, c.num_channels, ...heightAndWidth(c.image_size)]) })

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

/** The embeddings of ViT and DeiT: `special` names the tokens before the patches. */
export const VisionEmbeddings = <N extends string>(
  c: PatchConfig & { readonly hidden_dropout_prob: number },
  special: readonly N[],
) => {
  const first = special.map((name) => [name, parameter(1, 1, c.hidden_size)] as const)
  return module({
    ...(Object.fromEntries(first) as Record<N, Tensor>),
    position_embeddings: parameter(1, patchCount(c) + special.length, c.hidden_size),
    patch_embeddings: {
      projection: patchEmbedding(c.num_channels, c.hidden_size, heightAndWidth(c.patch_size)),
    },
  }).forward((m, { pixel_values }: ImageInputs) => {
    const patches = m.patch_embeddings.projection(pixel_values)
    const tokens = behind(
      first.map(([, token]) => token),
      patches,
    ) // [batch, special + patches, hidden]
    return dropout(tokens.add(m.position_embeddings), c.hidden_dropout_prob)
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
  const hidden = positions.shape[2]!
  const patches = withoutFirst(positions, special)
    .transpose(0, 2, 1)
    .reshape(1, hidden, ...stored)
  const drawn = interpolate(patches, { size: grid, mode: 'bicubic' })
  const flat = drawn.reshape(1, hidden, product(grid)).transpose(0, 2, 1)
  return special === 0 ? flat : concat([positions.slice(1, 0, special), flat], 1)
}

/** Embeddings of images of any size, as DINOv2's: the positions are those of one size, drawn larger or smaller. */
export const AnyImageEmbeddings = (
  c: PatchConfig & { readonly hidden_dropout_prob: number; readonly use_mask_token: boolean },
) => {
  const patch = heightAndWidth(c.patch_size)
  return module({
    cls_token: parameter(1, 1, c.hidden_size),
    mask_token: c.use_mask_token ? parameter(1, c.hidden_size) : undefined,
    position_embeddings: parameter(1, patchCount(c) + 1, c.hidden_size),
    patch_embeddings: {
      projection: conv2d(c.num_channels, c.hidden_size, patch, { stride: patch }),
    },
  }).forward((m, { pixel_values }: ImageInputs) => {
    const grid = gridOf(c, pixel_values)
    const map = m.patch_embeddings.projection(pixel_values) // [batch, hidden, rows, columns]
    const patches = map.reshape(map.shape[0]!, c.hidden_size, product(grid)).transpose(0, 2, 1)
    const positions = interpolatedPositions(m.position_embeddings, 1, patchGrid(c), grid)
    return dropout(behind([m.cls_token], patches).add(positions), c.hidden_dropout_prob)
  })
}
