/** @file Where OWL-ViT looks for a box before anything is known of it: at its own patch. */
import { concat, constant, type Dim, product, sizeTensor, type Tensor } from '@webformers/graph'
import { numbersAlong } from '../spatial'

const { fround, log, log1p } = Math
const SMALL = 1e-4

/** The number whose sigmoid is a part of the image, each step rounded as torch rounds it: at the edge little is left of one. */
function logit(part: number): number {
  const share = fround(part)
  return fround(fround(log(fround(share + SMALL))) - fround(log1p(fround(SMALL - share))))
}

const logits = (parts: Tensor) => parts.add(SMALL).log().sub(parts.neg().add(SMALL).add(1).log())

/** [1, rows · columns, 4]: what is added to the boxes of patches, whose corners at the right and below are their middles. */
export function boxBias([rows, columns]: readonly [Dim, Dim]): Tensor {
  if (typeof rows === 'string' || typeof columns === 'string') return biasOfAny(rows, columns)
  const size = [logit(1 / columns), logit(1 / rows)]
  const boxes = Array.from({ length: rows * columns }, (_, patch) => [
    logit(((patch % columns) + 1) / columns),
    logit((Math.floor(patch / columns) + 1) / rows),
    ...size,
  ])
  return constant(boxes.flat(), [1, rows * columns, 4])
}

/** The same where only a run knows how many there are. */
function biasOfAny(rows: Dim, columns: Dim): Tensor {
  const edges = (dim: Dim) => logits(numbersAlong(dim).cast('float32').add(1).div(sizeTensor(dim)))
  const size = (dim: Dim) => logits(sizeTensor(dim).mul(0).add(1).div(sizeTensor(dim)))
  const parts = [edges(columns).reshape(1, columns), edges(rows).reshape(rows, 1), size(columns), size(rows)]
  const all = parts.map((part) => part.expand(rows, columns).reshape(1, product([rows, columns]), 1))
  return concat(all, 2)
}
