/** @file Boxes of bodies as ViTPose's processor reads them: their middle, and how much of the image around it is looked at. */
import { ImageProcessorError } from './errors'
import type { Size } from './sizes'

const { fround } = Math

/** As COCO has it, in pixels. */
export type CocoBox = readonly [left: number, top: number, width: number, height: number]

/** Rounded as Python's float32. */
export interface CenterAndScale {
  readonly center: readonly [x: number, y: number]
  /** Width and height of what is looked at, in {@link UNIT}. */
  readonly scale: readonly [x: number, y: number]
}

/** Pixels that a scale of one means. */
export const UNIT = 200
/** How much larger than the box it is. */
const PADDING = 1.25

/** What is looked at of a box, in the proportions of `size`. Like `box_to_center_and_scale` in Python. */
export function centerAndScale([left, top, ...sides]: CocoBox, size: Size): CenterAndScale {
  const proportion = size.width / size.height
  let [width, height] = sides
  if (width > proportion * height) height = width / proportion
  else if (width < proportion * height) width = height * proportion
  const scaled = (side: number) => fround(fround(side / UNIT) * PADDING)
  return {
    center: [fround(left + sides[0] * 0.5), fround(top + sides[1] * 0.5)],
    scale: [scaled(width), scaled(height)],
  }
}

/** Boxes of each image, checked.
 * @throws {ImageProcessorError} when they are not one list of boxes for each image. */
export function checkBoxes(boxes: unknown, images?: number): readonly (readonly CocoBox[])[] {
  const isBox = (box: unknown) => Array.isArray(box) && box.length >= 4 && box.every(Number.isFinite)
  if (!Array.isArray(boxes) || !boxes.every((each) => Array.isArray(each) && each.every(isBox))) {
    throw new ImageProcessorError(
      'boxes needs for each image a list of boxes, each of left, top, width and height in pixels: [[[412.8, 157.6, 53.1, 138]]].',
    )
  }
  if (images !== undefined && boxes.length !== images)
    throw new ImageProcessorError(`There are ${images} images, but boxes for ${boxes.length}.`)
  return boxes
}
