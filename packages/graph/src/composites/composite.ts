/** @file What a composite operation is: one meaning, a plain lowering, and a fused one where a device has the kernel. */
import type { Node, Tensor } from '../tensor'

/** Where and how a graph is going to run. */
export interface Target {
  readonly device: 'wasm' | 'webgpu'
  /** Whether composites may become one kernel each; gradients, and a device whose kernels are wrong, want plain operations. */
  readonly fused: boolean
  /** What values of floating point are computed in. */
  readonly compute: 'float32' | 'float16'
  /** What weights are held in; `int8` is for the matrices of linear layers and embeddings, on WASM. */
  readonly weights: 'float32' | 'float16' | 'int8'
}

/** How a stored weight is made from the checkpoint's tensor beyond a change of dtype. */
export type Transform =
  /** Symmetric 8-bit numbers, a scale for each row (`axis` 0) or column (1) of the checkpoint's matrix; transposed where
   * the kernel wants [in, out]. */
  | { readonly kind: 'quantize'; readonly axis: 0 | 1; readonly transpose: boolean }
  /** The scales that belong to `quantize`: the greatest magnitude of each row or column over 127. */
  | { readonly kind: 'scales'; readonly axis: 0 | 1 }

export interface Lowering {
  readonly target: Target
  /** The weight as the target wants it stored, or nothing where `x` is a computed value and no weight. */
  stored(
    x: Tensor,
    dtype: 'int8' | 'float32',
    shape: readonly number[],
    transform: Transform,
  ): Tensor | undefined
}

export interface Composite {
  /** The node's outputs made of other operations, each of which has a gradient. */
  plain(node: Node): readonly Tensor[]
  /** The node's outputs from a kernel of the target; nothing where none serves. `used` tells which outputs are read. */
  fused?(node: Node, lowering: Lowering, used: readonly boolean[]): readonly Tensor[] | undefined
  /**
   * The gradient in closed form, where it is less work than that of the plain lowering.
   * @param dys what each output receives
   * @param wanted whether anybody asks for the gradient of an input; of one that nobody wants it may give none
   * @returns what each input receives, at most broadcast over it; nothing where the closed form does not hold
   */
  gradient?(
    node: Node,
    dys: readonly (Tensor | undefined)[],
    wanted: readonly boolean[],
  ): readonly (Tensor | undefined)[] | undefined
}

export const float = ({ attributes }: Pick<Node, 'attributes'>, name: string) => {
  const attribute = attributes[name]
  return typeof attribute === 'object' && 'value' in attribute ? attribute.value : Number(attribute)
}

/** All axes of `x` but the last. */
export const rowAxes = (x: Tensor) => x.shape.slice(0, -1).map((_, axis) => axis)

/** The sum of those that there are. */
export const plus = (a: Tensor | undefined, b: Tensor | undefined) => (a && b ? a.add(b) : (a ?? b))
