/** @file A graph that is an attribute of a node, as the body of a loop is. */
import type { Tensor, TensorType } from './tensor'

export class Subgraph {
  /** @param build makes it of the types of the inputs of its node, which a lowering may have changed */
  constructor(
    readonly build: (types: readonly TensorType[]) => {
      readonly inputs: readonly Tensor[]
      readonly outputs: readonly Tensor[]
    },
  ) {}
}
