/** @file Casts by other kernels than onnxruntime's on WASM: that is one function of 490 kB for all pairs of types, which V8 compiles
 * for speed after some thirty calls, and that takes seconds of a core and a hundred megabytes in the midst of a user's work. */
import { apply, constant, type Node, scalar, type Tensor } from './tensor'
import type { DType } from './types'

/** The result of a Cast node from other operations; nothing where only the kernel can do it. */
export function withoutCast({ inputs: [x], outputs: [y] }: Node): Tensor | undefined {
  const [from, to] = [x!.dtype, y!.dtype]
  if (from === 'bool' && chosen.has(to)) return x!.where(scalar(1, to), scalar(0, to))
  if (to === 'bool' && compared.has(from)) return x!.equal(0).not()
  if (to === 'float32' && dequantized.has(from))
    return apply('DequantizeLinear', [x!, scalar(1)], { dtype: 'float32', shape: y!.shape })
  return from === 'int64' && to === 'int32' ? looked(x!) : undefined
}

const chosen: ReadonlySet<DType> = new Set(['float32', 'int32', 'int64', 'uint8'])
const compared: ReadonlySet<DType> = new Set(['float32', 'int32', 'int64'])
const dequantized: ReadonlySet<DType> = new Set(['int32', 'int8', 'uint8'])

/** A place along an axis of known length, from a table of all of them. */
function looked(place: Tensor): Tensor | undefined {
  const { op, inputs } = place.node
  const length = op === 'ArgMax' ? inputs[0]!.shape.at(-1) : undefined
  if (typeof length !== 'number') return undefined
  const ones = constant([1], [1], 'int32').expand(length)
  return ones.cumsum(0).sub(1).gather(place)
}
