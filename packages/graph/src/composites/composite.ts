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
  /** Which matrices of linear layers and embeddings are held in blocks instead. Their numbers are the same on every device; where
   * no kernel takes blocks, these are made numbers again while they are loaded. */
  readonly blocks?: (matrix: MatrixName) => BlockType | undefined
}

/** Types of blocks along a matrix's inputs, as GGUF calls them: a scale for 32 numbers of 8 or 4 bits, and a minimum in `Q4_1`. */
export type BlockType = 'Q8_0' | 'Q4_0' | 'Q4_1'

export interface MatrixName {
  /** Its paths in the module tree. */
  readonly names: readonly string[]
  readonly shape: readonly [outputs: number, inputs: number]
  /** Whether rows are only looked up in it. */
  readonly table: boolean
}

/** A matrix in blocks; `transposed` where it lies as [inputs, outputs] in the checkpoint. */
export interface BlockedMatrix {
  readonly type: BlockType
  readonly transposed: boolean
}

/** How a stored weight is made from the checkpoint's tensor beyond a change of dtype. */
export type Transform =
  /** Symmetric 8-bit numbers, a scale for each row (`axis` 0) or column (1) of the checkpoint's matrix; transposed where
   * the kernel wants [in, out]. */
  | { readonly kind: 'quantize'; readonly axis: 0 | 1; readonly transpose: boolean }
  /** The scales that belong to `quantize`: the greatest magnitude of each row or column over 127. */
  | { readonly kind: 'scales'; readonly axis: 0 | 1 }
  /** Its numbers times a power of two. */
  | { readonly kind: 'times'; readonly factor: number }
  /** A part of a matrix in blocks, [outputs, blocks, …], or the numbers that they stand for, as the matrix lies in the checkpoint. */
  | ({ readonly kind: 'blocks'; readonly part: BlockPart } & BlockedMatrix)

/** `offsets` are added to the numbers of a block, where the type has minimums. */
export type BlockPart = 'quants' | 'scales' | 'offsets' | 'numbers'

export interface Lowering {
  readonly target: Target
  /** The weight as the target wants it stored, or nothing where `x` is a computed value and no weight. Of several weights that lie
   * one behind the other in `x`, `shape` is that of all. */
  stored(
    x: Tensor,
    dtype: 'int8' | 'uint8' | 'float32' | 'float16',
    shape: readonly number[],
    transform: Transform,
  ): Tensor | undefined
  /** How a weight's numbers lie in blocks, where they do. */
  blocked(x: Tensor): BlockedMatrix | undefined
  /** Several weights as one, one behind the other along their first axis; nothing where somebody else reads one of them too, or one
   * is a computed value. */
  joined(weights: readonly Tensor[], scaled?: Scaled): Tensor | undefined
  /** The composite that gave a value, with its inputs as they were lowered; nothing where somebody else reads the value too. */
  madeBy(x: Tensor): Node | undefined
}

/** Numbers of single precision, each weight's times a power of two. */
export interface Scaled {
  readonly factors: readonly number[]
  /** That of all together. */
  readonly shape: readonly number[]
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
