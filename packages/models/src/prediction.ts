/** @file What tells the class or the box of a detected object. */
import { linear, module, type Tensor } from '@webformers/graph'

/** Three linear layers, ReLU between them: `DetrMLPPredictionHead` of transformers. */
export const prediction = (size: number, outputs: number) =>
  module({ layers: [linear(size, size), linear(size, size), linear(size, outputs)] }).forward(
    ({ layers: [first, second, last] }, x: Tensor) => last!(second!(first!(x).relu()).relu()),
  )
