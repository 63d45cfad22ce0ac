/** @file Where OWL-ViT looks for a box before anything is known of it: at its own patch. */
import { constant, type Tensor } from '@webformers/graph'

const { fround, log, log1p } = Math
const SMALL = 1e-4

/** The number whose sigmoid is a part of the image, each step rounded as torch rounds it: at the edge little is left of one. */
function logit(part: number): number {
  const share = fround(part)
  return fround(fround(log(fround(share + SMALL))) - fround(log1p(fround(SMALL - share))))
}

/** [1, rows · columns, 4]: what is added to the boxes of patches, whose corners at the right and below are their middles. */
export function boxBias([rows, columns]: readonly [number, number]): Tensor {
  const size = [logit(1 / columns), logit(1 / rows)]
  const boxes = Array.from({ length: rows * columns }, (_, patch) => [
    logit(((patch % columns) + 1) / columns),
    logit((Math.floor(patch / columns) + 1) / rows),
    ...size,
  ])
  return constant(boxes.flat(), [1, rows * columns, 4])
}
